"""Which blobs a trigger's path means."""

import pytest

from functions_emulator.app.blob_path import BlobPath


@pytest.mark.parametrize(
    ("path", "blob", "bound"),
    [
        ("inbox/{name}", "a.png", {"name": "a.png"}),
        ("inbox/{name}", "2026/a b.png", {"name": "2026/a b.png"}),
        ("inbox/raw/{file}.png", "raw/a/b.png", {"file": "a/b"}),
        ("inbox/raw/{file}.png", "raw/.png", None),
        ("inbox/raw/{file}.png", "raw/a.jpg", None),
        ("inbox/{name}.png", "{name}.png", {"name": "{name}"}),
    ],
)
def test_a_path_binds_its_token_to_the_rest_of_the_blobs_name(path: str, blob: str, bound: dict | None):
    assert BlobPath.parse(path).match(blob) == bound
