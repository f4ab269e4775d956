"""A deletion is recorded when storage confirms it."""

import pytest
from azure.storage.blob import ContainerClient

from image_metadata.database.columns import SqlValue
from image_metadata.database.connections import Connections
from image_metadata.database.upload_tables import UploadTables
from image_metadata.deletions import record_deletion
from image_metadata.model import Blob
from tests.support.blob_service import answering
from tests.support.database_fixtures import connections, database, empty_database, sqlite
from tests.support.databases import Database

__all__ = ["connections", "database", "empty_database", "sqlite"]


def observations(database: Database) -> list[tuple[SqlValue, ...]]:
    return [tuple(row) for row in database.query("SELECT blob_id, present FROM BlobObservations")]


def test_a_blob_that_does_not_exist_is_recorded_as_absent(
    container: ContainerClient, database: Database, connections: Connections
):
    blob = Blob("devstoreaccount1", container.container_name, "2026/a?b.png")
    record_deletion(blob, UploadTables(connections))
    assert observations(database) == [(blob.id, 0)]


@pytest.mark.parametrize("year", [2020, 2099])
@pytest.mark.live
def test_the_time_of_a_deletion_is_storages_where_the_clocks_differ(
    storage, database: Database, connections: Connections, year: int
):
    date = f"Sun, 22 Nov {year} 06:28:51 GMT"
    with answering(404, {"x-ms-error-code": "BlobNotFound", "Date": date}) as account:
        storage(account)
        record_deletion(Blob("pictures", "images", "a.png"), UploadTables(connections))
    [(observed_at,)] = database.query("SELECT observed_at FROM BlobObservations")
    assert str(observed_at).replace(" ", "T").startswith(f"{year}-11-22T06:28:51")


def test_a_blob_that_was_uploaded_again_meanwhile_is_not(
    container: ContainerClient, database: Database, connections: Connections
):
    container.upload_blob("a.png", b"x")
    record_deletion(Blob("devstoreaccount1", container.container_name, "a.png"), UploadTables(connections))
    assert observations(database) == []
