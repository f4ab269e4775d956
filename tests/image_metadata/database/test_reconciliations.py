"""The database's side of reconciliation, on every engine."""

from dataclasses import replace

from image_metadata.database.connections import Connections
from image_metadata.database.reconciliations import ReconciliationTables
from image_metadata.model import Reconciliation
from image_metadata.store_metadata import store
from tests.image_metadata.database.outcomes import metadata, rejection, upload
from tests.support.databases import Database

RUN = Reconciliation(
    began_at="2026-11-25T03:00:00.000",
    ended_at="2026-11-25T03:00:04.123",
    continuation="2!92!Ä é?",
    complete=False,
    blobs=7,
    started=3,
    changed=2,
    errors=1,
)


def test_before_the_first_run_there_is_none(connections: Connections):
    assert ReconciliationTables(connections).last_run() is None


def test_the_run_that_ended_last_is_read_as_it_was_recorded(database: Database, connections: Connections):
    tables = ReconciliationTables(connections)
    tables.record(RUN)
    tables.record(replace(RUN, ended_at="2026-11-24T03:00:04.123", complete=True, continuation=None))
    assert tables.last_run() == RUN
    assert database.query("SELECT COUNT(*) FROM Reconciliations") == [(2,)]


def test_uploads_and_blobs_with_a_row_in_either_table_are_known(connections: Connections):
    image, other = upload("a.png"), upload("notes.txt")
    store(metadata(image), connections)
    store(rejection(other), connections)
    tables = ReconciliationTables(connections)
    strangers = [upload(f"{number}.png") for number in range(2500)]
    assert tables.with_row([each.id for each in [image, *strangers, other]]) == {image.id, other.id}
    assert tables.blobs_with_row([each.blob_id for each in [image, *strangers, other]]) == {
        image.blob_id,
        other.blob_id,
    }
    assert tables.with_row([]) == set()
