"""What reconciliation asks the tables and records in them."""

from dataclasses import replace

import pytest

from image_metadata.database.connections import Connections
from image_metadata.database.upload_tables import UploadTables
from image_metadata.reconciliation import Reconciliation
from image_metadata.store_metadata import store
from tests.image_metadata.database.outcomes import facts, metadata, rejection, upload
from tests.support.databases import Database

RUN = Reconciliation(
    began_at="2026-11-22T02:00:00.125",
    ended_at="2026-11-22T02:04:10.000",
    continuation="2!" + "MDAw" * 1_000,
    complete=False,
    blobs=10_000,
    started=12,
    changed=2,
    errors=1,
)


@pytest.fixture
def tables(connections: Connections) -> UploadTables:
    return UploadTables(connections)


def test_uploads_with_a_row_in_either_table_are_known(tables: UploadTables, connections: Connections):
    store(metadata(upload("a.jpg")), connections)
    store(rejection(upload("b.pdf")), connections)
    asked = [upload(name).id for name in ("a.jpg", "b.pdf", "c.jpg")]
    assert tables.with_row(asked) == set(asked[:2])


def test_more_ids_than_a_statement_takes_are_looked_up_in_parts(tables: UploadTables, connections: Connections):
    store(metadata(upload("2400.jpg")), connections)
    assert tables.with_row([upload(f"{number}.jpg").id for number in range(2_500)]) == {upload("2400.jpg").id}


def test_a_blob_is_known_by_a_row_of_any_state(tables: UploadTables, connections: Connections):
    store(metadata(upload(etag="0x1")), connections)
    store(rejection(upload("b.pdf", etag="0x1")), connections)
    asked = [upload(etag="0x2").blob_id, upload("b.pdf", etag="0x2").blob_id, upload("c.jpg").blob_id]
    assert tables.blobs_with_row(asked) == set(asked[:2])


def test_nothing_is_asked_for_no_ids(tables: UploadTables):
    assert tables.with_row([]) == tables.blobs_with_row([]) == set()


def test_the_run_that_began_last_is_read_as_it_was_recorded(tables: UploadTables):
    assert tables.last_run() is None
    tables.record(RUN)
    tables.record(replace(RUN, began_at="2026-11-21T02:00:00.000"))
    assert tables.last_run() == RUN


def in_view(database: Database) -> int:
    return len(database.query("SELECT file_name FROM CurrentImages"))


def test_a_blob_observed_to_be_deleted_after_it_was_read_leaves_the_view(
    database: Database, tables: UploadTables, connections: Connections
):
    store(metadata(blob=facts(read_at="2026-11-22T06:28:52.000")), connections)
    tables.observe(upload().blob_id, "2026-11-22T06:28:51.999", present=False)
    assert in_view(database) == 1
    tables.observe(upload().blob_id, "2026-11-22T06:28:52.001", present=False)
    assert in_view(database) == 0


def test_a_blob_that_is_there_again_returns_to_the_view(
    database: Database, tables: UploadTables, connections: Connections
):
    store(metadata(blob=facts(read_at="2026-11-22T06:28:52.000")), connections)
    tables.observe(upload().blob_id, "2026-11-22T06:30:00.000", present=False)
    tables.observe(upload().blob_id, "2026-11-22T06:31:00.000", present=True)
    assert in_view(database) == 1
    tables.observe(upload().blob_id, "2026-11-22T06:32:00.000", present=False)
    assert in_view(database) == 0


def test_a_new_state_read_after_the_deletion_is_in_the_view(
    database: Database, tables: UploadTables, connections: Connections
):
    store(metadata(upload(etag="0x1"), facts(read_at="2026-11-22T06:28:52.000")), connections)
    tables.observe(upload().blob_id, "2026-11-22T06:30:00.000", present=False)
    newer = facts("2026-11-22T06:31:00.000", read_at="2026-11-22T06:31:01.000")
    store(metadata(upload(etag="0x2"), newer, width=7), connections)
    assert database.query("SELECT width FROM CurrentImages") == [(7,)]


def test_a_row_without_read_at_is_compared_by_stored_at(
    database: Database, tables: UploadTables, connections: Connections
):
    store(metadata(), connections)
    tables.observe(upload().blob_id, "2026-01-01T00:00:00.000", present=False)
    assert in_view(database) == 1
    tables.observe(upload().blob_id, "2999-01-01T00:00:00.000", present=False)
    assert in_view(database) == 0


def test_the_same_observation_twice_is_one_row(database: Database, tables: UploadTables):
    for _ in range(2):
        tables.observe(upload().blob_id, "2026-11-22T06:30:00.000", present=False)
    assert database.query("SELECT COUNT(*) FROM BlobObservations") == [(1,)]
