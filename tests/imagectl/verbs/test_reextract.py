"""`imagectl reextract` on real storage and a real database; the app is a durable API that runs nothing."""

from contextlib import closing

import pytest

from image_metadata.database.connections import connect
from image_metadata.headers import EXTRACTOR_VERSION
from image_metadata.model import RejectionReason, Upload
from image_metadata.store_metadata import store
from tests.image_metadata.database.outcomes import metadata
from tests.imagectl.durable_double import DurableDouble
from tests.imagectl.stack import Stack, imagectl

pytestmark = pytest.mark.usefixtures("stack", "no_waiting")


def stored(stack: Stack, name: str, version: int | None = None, image_format: str = "PNG") -> Upload:
    """A blob with a row of an extractor version."""
    upload = stack.upload(name)
    store(metadata(upload, format=image_format), stack.connections)
    with closing(connect(stack.sql)) as connection:
        connection.execute("UPDATE ImageMetadata SET extractor_version = ? WHERE upload_id = ?", version, upload.id)
    return upload


def keys(stack: Stack) -> set[str]:
    with closing(connect(stack.sql)) as connection:
        return {key for (key,) in connection.execute("SELECT upload_id FROM ProcessedUploads").fetchall()}


def test_rows_of_an_older_version_are_deleted_with_their_keys_and_started(
    stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]
):
    older = [stored(stack, "a.png"), stored(stack, "b.png", EXTRACTOR_VERSION - 1)]
    newest = stored(stack, "c.png", EXTRACTOR_VERSION)
    assert imagectl("reextract", "--url", durable.url) == 0
    assert sorted(durable.starts) == sorted(upload.id for upload in older)
    assert keys(stack) == {newest.id}
    output = capsys.readouterr()
    assert output.out == "result\tblob\nstarted\timage-input/a.png\nstarted\timage-input/b.png\n"
    assert output.err == "3 blobs: 2 started.\n"


def test_a_second_run_starts_nothing(stack: Stack, durable: DurableDouble):
    stored(stack, "a.png")
    for _ in range(2):
        imagectl("reextract", "--url", durable.url)
    assert len(durable.starts) == 1


def test_a_row_of_an_overwritten_or_deleted_blob_stays(stack: Stack, durable: DurableDouble):
    stored(stack, "overwritten.png")
    stack.upload("overwritten.png", b"newer bytes")
    stored(stack, "deleted.png")
    stack.container.delete_blob("deleted.png")
    before = keys(stack)
    imagectl("reextract", "--url", durable.url)
    assert (durable.starts, keys(stack)) == ([], before)


def test_a_row_of_an_archived_blob_stays(stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]):
    archived = stored(stack, "archived.png")
    stack.container.get_blob_client("archived.png").set_standard_blob_tier("Archive")
    imagectl("reextract", "--url", durable.url)
    assert keys(stack) == {archived.id}
    assert "1 left because they cannot be read now" in capsys.readouterr().err


def test_a_dry_run_prints_every_blob_and_changes_nothing(
    stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]
):
    names = [f"{number:02}.png" for number in range(12)]
    before = {stored(stack, name).id for name in names}
    imagectl("reextract", "--dry-run", "--url", durable.url)
    output = capsys.readouterr()
    assert output.out.splitlines() == ["result\tblob", *(f"would start\timage-input/{name}" for name in names)]
    assert output.err == "12 blobs: 12 would start.\n"
    assert (durable.starts, keys(stack)) == ([], before)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--image-format", "TIFF"], {"a/1.tif"}),
        (["--prefix", "a/"], {"a/1.tif", "a/2.png"}),
        (["--older-than", "1"], {"a/1.tif", "a/2.png", "rejected.pdf"}),
        (["--all"], {"a/1.tif", "a/2.png", "b.png", "rejected.pdf"}),
        (["--rejected", "corrupt", "--all"], {"rejected.pdf"}),
        (["--rejected", "empty", "--all"], set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_only_what_is_selected_is_started(stack: Stack, durable: DurableDouble, words: list[str], names: set[str]):
    uploads = {
        "a/1.tif": stored(stack, "a/1.tif", image_format="TIFF"),
        "a/2.png": stored(stack, "a/2.png"),
        "b.png": stored(stack, "b.png", EXTRACTOR_VERSION),
        "rejected.pdf": stack.upload("rejected.pdf"),
    }
    stack.reject(uploads["rejected.pdf"], RejectionReason.CORRUPT)
    imagectl("reextract", *words, "--url", durable.url)
    assert set(durable.starts) == {uploads[name].id for name in names}
