"""A complete listing tells which blobs were deleted and which are there again."""

from contextlib import closing

import pytest

from image_metadata.database.connections import connect
from image_metadata.database.upload_tables import UploadTables
from image_metadata.store_metadata import store
from imagectl.pipeline.deleted_blobs import Changes, ListedBlobs, record_changes
from tests.image_metadata.database.outcomes import metadata
from tests.imagectl.durable_double import DurableDouble
from tests.imagectl.stack import Stack, imagectl

pytestmark = pytest.mark.usefixtures("stack", "no_waiting")


BEGAN = "2026-11-22T06:30:00.000"


def current(stack: Stack) -> set[str]:
    with closing(connect(stack.sql)) as connection:
        return {name for (name,) in connection.execute("SELECT file_name FROM CurrentImages").fetchall()}


def stored(stack: Stack, name: str):
    upload = stack.upload(name)
    store(metadata(upload), stack.connections)
    return upload


def test_a_listing_takes_eight_bytes_a_blob_once_it_is_complete():
    listed = ListedBlobs(BEGAN)
    ids = [f"{number:016x}" + "0" * 48 for number in range(10_000)]
    for start in range(0, len(ids), 100):
        listed.add(ids[start : start + 100])
    assert all(blob_id in listed for blob_id in ids)
    assert "f" * 64 not in listed
    assert listed.size == 8 * len(ids)


def test_a_complete_backfill_hides_a_deleted_blob_and_keeps_the_others(
    stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]
):
    for name in ("a.png", "b.png"):
        stored(stack, name)
    rejected = stack.upload("c.pdf")
    stack.reject(rejected)
    for name in ("a.png", "c.pdf"):
        stack.container.delete_blob(name)
    imagectl("backfill", "--url", durable.url)
    assert current(stack) == {"b.png"}
    assert capsys.readouterr().err.splitlines()[-1] == "Blobs with a row: 2 recorded as deleted, 0 as there again."


def test_a_backfill_of_a_prefix_says_nothing_about_other_blobs(stack: Stack, durable: DurableDouble):
    stored(stack, "a.png")
    stack.container.delete_blob("a.png")
    imagectl("backfill", "--prefix", "b", "--url", durable.url)
    assert current(stack) == {"a.png"}


def test_a_blob_that_is_missing_from_the_listing_and_exists_stays(stack: Stack):
    stored(stack, "uploaded during the listing.png")
    assert record_changes(ListedBlobs(BEGAN)) == Changes(deleted=0, returned=0)


def test_a_blob_that_was_restored_is_shown_again(stack: Stack, durable: DurableDouble):
    upload = stored(stack, "a.png")
    UploadTables(stack.connections).observe(upload.blob_id, "2026-11-22T06:30:00.000", present=False)
    with closing(connect(stack.sql)) as connection:
        connection.execute("UPDATE ImageMetadata SET stored_at = '2026-11-22T06:00:00.000'")
    assert current(stack) == set()
    imagectl("backfill", "--url", durable.url)
    assert current(stack) == {"a.png"}


def test_a_second_backfill_records_nothing_more(stack: Stack, durable: DurableDouble):
    stored(stack, "a.png")
    stack.container.delete_blob("a.png")
    for _ in range(2):
        imagectl("backfill", "--url", durable.url)
    with closing(connect(stack.sql)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM BlobObservations").fetchval() == 1
