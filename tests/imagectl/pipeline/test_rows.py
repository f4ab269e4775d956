"""Counts are of the newest state of each blob; what is asked for is all that is read."""

from contextlib import closing

import pytest

from image_metadata.database.connections import Connections
from image_metadata.database.tables import IMAGE_METADATA
from image_metadata.database.upload_tables import UploadTables
from image_metadata.store_metadata import store
from imagectl.pipeline.rows import Rows, count_rows, newest_rows
from tests.image_metadata.database.outcomes import facts, metadata, rejection, upload
from tests.support.database_fixtures import database, empty_database
from tests.support.databases import Database

__all__ = ["database", "empty_database"]

OLDER, NEWER = facts("2026-11-22T06:28:51.000"), facts("2026-11-22T06:28:52.000")


@pytest.fixture
def connections(database, monkeypatch):
    monkeypatch.setenv("SqlConnectionString", database.settings.connection_string)
    with closing(Connections(database.settings)) as connections:
        yield connections


def test_a_state_that_was_overwritten_does_not_count(connections: Connections):
    for name, first, second in (("a", rejection, metadata), ("b", metadata, rejection), ("c", metadata, metadata)):
        store(first(upload(name, etag="0x1"), blob=OLDER), connections)
        store(second(upload(name, etag="0x2"), blob=NEWER), connections)
    assert count_rows() == Rows(images=2, rejections={"unsupported_format": 1})


def test_a_deleted_blob_does_not_count(connections: Connections):
    for name, outcome in (("a", metadata), ("b", rejection), ("c", metadata)):
        store(outcome(upload(name)), connections)
    for name in ("a", "b"):
        UploadTables(connections).observe(upload(name).blob_id, "2999-01-01T00:00:00.000", present=False)
    assert count_rows() == Rows(images=1, rejections={})


def test_the_newest_rows_are_limited_by_the_database(database: Database, connections: Connections):
    for number in range(5):
        of = upload(f"{number}.jpg")
        store(metadata(of), connections)
        moment = f"2026-11-22T06:28:0{number}.000"
        database.query("UPDATE ImageMetadata SET stored_at = ? WHERE upload_id = ?", moment, of.id)
    assert [row["file_name"] for row in newest_rows(IMAGE_METADATA, 2)] == ["4.jpg", "3.jpg"]
