"""`imagectl upload` on real storage: what is there is not sent again, whichever way that is found out."""

from pathlib import Path

import pytest
from azure.storage.blob import ContentSettings

from imagectl.local.azurite import Azurite
from tests.imagectl.stack import Stack, imagectl
from tests.imagectl.uploads import SIZE, sent
from tests.support import access_log
from tests.support.images import image


def test_what_is_there_with_the_same_content_is_skipped_unless_overwrite(
    stack: Stack, holiday: Path, capsys: pytest.CaptureFixture[str]
):
    imagectl("upload", str(holiday))
    before = {blob.name: blob.etag for blob in stack.container.list_blobs()}
    capsys.readouterr()
    assert imagectl("upload", str(holiday)) == 0
    output = capsys.readouterr()
    assert sent(output.out) == {f"skipped\tholiday/a.png\t{SIZE}\t", f"skipped\tholiday/beach/b c.png\t{SIZE}\t"}
    assert output.err.startswith("0 uploaded (0 bytes), 2 already there, 5 left out (")
    assert {blob.name: blob.etag for blob in stack.container.list_blobs()} == before
    imagectl("upload", str(holiday), "--overwrite")
    assert before.keys() == {blob.name for blob in stack.container.list_blobs() if before[blob.name] != blob.etag}


def test_a_blob_without_md5_counts_as_different(stack: Stack, holiday: Path):
    blob = stack.container.get_blob_client("holiday/a.png")
    blob.upload_blob(image())
    blob.set_http_headers(ContentSettings(content_type="image/png"))
    assert blob.get_blob_properties().content_settings.content_md5 is None
    imagectl("upload", str(holiday))
    assert blob.get_blob_properties().content_settings.content_md5


def test_many_are_looked_up_by_listing_what_they_have_in_common(
    stack: Stack, holiday: Path, watched_azurite: Azurite, capsys: pytest.CaptureFixture[str]
):
    lookups = access_log.requests(watched_azurite, "HEAD", "image-input/holiday")
    for number in range(100):
        (holiday / f"{number}.png").write_bytes(image())
    imagectl("upload", str(holiday))
    (holiday / "a.png").write_bytes(image("GIF"))
    capsys.readouterr()
    imagectl("upload", str(holiday))
    assert capsys.readouterr().err.startswith(f"1 uploaded ({len(image('GIF'))} bytes), 101 already there")
    assert access_log.requests(watched_azurite, "HEAD", "image-input/holiday") == lookups
    assert stack.container.download_blob("holiday/a.png").readall() == image("GIF")
