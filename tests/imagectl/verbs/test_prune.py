"""`imagectl prune` on real storage and a real database."""

import json
from contextlib import closing

import pytest

from image_metadata.database.connections import connect
from image_metadata.database.upload_tables import UploadTables
from image_metadata.model import Upload
from image_metadata.store_metadata import store
from tests.image_metadata.database.outcomes import facts, metadata, rejection
from tests.imagectl.stack import Stack, imagectl

pytestmark = pytest.mark.usefixtures("stack", "no_waiting")

OLDER, NEWER = facts("2026-11-22T06:28:51.000"), facts("2026-11-22T06:28:52.000")


def keys(stack: Stack) -> set[str]:
    with closing(connect(stack.sql)) as connection:
        return {key for (key,) in connection.execute("SELECT upload_id FROM ProcessedUploads").fetchall()}


def age(stack: Stack) -> None:
    """Make every row that is there a year old."""
    with closing(connect(stack.sql)) as connection:
        for table in ("ImageMetadata", "ImageRejections"):
            connection.execute(f"UPDATE {table} SET stored_at = '2025-01-01T00:00:00.000'")  # noqa: S608  # constants


def two_states(stack: Stack, name: str) -> tuple[Upload, Upload]:
    older = stack.upload(name)
    store(metadata(older, OLDER), stack.connections)
    newer = stack.upload(name, b"newer bytes")
    store(rejection(newer, blob=NEWER), stack.connections)
    return older, newer


def deleted(stack: Stack, name: str) -> Upload:
    upload = stack.upload(name)
    store(metadata(upload, OLDER), stack.connections)
    UploadTables(stack.connections).observe(upload.blob_id, "2999-01-01T00:00:00.000", present=False)
    return upload


def test_an_old_overwritten_state_is_deleted_and_the_newest_stays(stack: Stack, capsys: pytest.CaptureFixture[str]):
    older, newest = two_states(stack, "a.png")
    age(stack)
    assert imagectl("prune", "--older-than", "30d") == 0
    assert keys(stack) == {newest.id}
    output = capsys.readouterr()
    assert output.out == f"result\tblob\tetag\ndeleted\timage-input/a.png\t{older.etag}\n"
    assert output.err == "1 past states deleted.\n"


def test_a_young_overwritten_state_stays(stack: Stack):
    states = two_states(stack, "a.png")
    imagectl("prune", "--older-than", "30d")
    assert keys(stack) == {state.id for state in states}


def test_the_newest_row_of_a_deleted_blob_goes(stack: Stack):
    deleted(stack, "a.png")
    stack.container.delete_blob("a.png")
    age(stack)
    imagectl("prune", "--older-than", "30d")
    assert keys(stack) == set()


def test_the_newest_row_of_a_blob_that_exists_after_all_stays(stack: Stack):
    upload = deleted(stack, "a.png")
    age(stack)
    imagectl("prune", "--older-than", "30d")
    assert keys(stack) == {upload.id}


def test_a_dry_run_deletes_nothing(stack: Stack, capsys: pytest.CaptureFixture[str]):
    older, newer = two_states(stack, "a.png")
    age(stack)
    imagectl("prune", "--older-than", "30d", "--dry-run", "--output", "json")
    assert keys(stack) == {older.id, newer.id}
    output = capsys.readouterr()
    assert json.loads(output.out) == [
        {"result": "would delete", "blob": "image-input/a.png", "etag": older.etag, "upload_id": older.id}
    ]
    assert output.err == "1 past states would be deleted.\n"
