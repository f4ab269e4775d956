"""The databases that the release before left behind are upgraded and go on with one row per upload."""

from contextlib import closing
from pathlib import Path

import pytest

from image_metadata.database.connections import Connections, connect
from image_metadata.model import Upload
from image_metadata.store_metadata import store
from imagectl.schema.upgrade import upgrade_schema
from tests.image_metadata.database.outcomes import facts, metadata
from tests.support.databases import Database, sqlite_database
from tests.support.release_before import restore_database


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = sqlite_database(restore_database("images.db", tmp_path))
    with closing(connect(database.settings)) as connection:
        upgrade_schema(connection)
    return database


def uploads(database: Database) -> list[Upload]:
    states = (
        f"SELECT account, container, file_name, etag FROM {table}"  # noqa: S608  # two constants
        for table in ("ImageMetadata", "ImageRejections")
    )
    return [Upload(*row) for row in database.query(" UNION ALL ".join(states))]


def test_every_row_has_its_key_and_an_upload_in_both_tables_keeps_its_metadata(database: Database):
    assert len(database.rows()) == 14 + 7 - 1
    keys = database.query("SELECT upload_id FROM ProcessedUploads")
    assert sorted(key for (key,) in keys) == sorted(key for _, key in database.rows())
    kept = "SELECT COUNT(*) FROM {} WHERE file_name = 'Straße.PNG'"
    counts = [database.query(kept.format(table))[0][0] for table in ("ImageMetadata", "ImageRejections")]
    assert counts[1] == 0 < counts[0]


def test_storing_every_upload_again_adds_no_row(database: Database):
    before = database.rows()
    with closing(Connections(database.settings)) as connections:
        for upload in uploads(database):
            store(metadata(upload), connections)
    assert database.rows() == before


def test_a_new_state_of_an_older_blob_is_the_current_one(database: Database):
    older = next(upload for upload in uploads(database) if upload.name == "states/one.png")
    newer = Upload(older.account, older.container, older.name, "0xNEW")
    read = facts("2999-01-01T00:00:00.000", read_at="2999-01-01T00:00:01.000")
    with closing(Connections(database.settings)) as connections:
        store(metadata(newer, read, width=7), connections)
    current = database.query("SELECT width FROM CurrentImages WHERE file_name = ?", older.name)
    assert current == [(7,)]


def test_the_five_column_table_keeps_its_rows(tmp_path: Path):
    database = sqlite_database(restore_database("five_columns.db", tmp_path))
    columns = "SELECT file_name, file_size_kb, width, height, format FROM ImageMetadata"
    before = sorted(database.query(columns), key=str)
    with closing(connect(database.settings)) as connection:
        upgrade_schema(connection)
    assert sorted(database.query(columns), key=str) == before
    assert len(database.query("SELECT upload_id FROM ProcessedUploads")) == len(before)
