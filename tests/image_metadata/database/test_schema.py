"""The schema command: tables and view from nothing, from five columns, from an earlier form, and twice."""

from contextlib import closing

import pytest

from image_metadata.database.connections import Connections, connect
from image_metadata.database.tables import IMAGE_METADATA
from image_metadata.errors import TransientDatabaseError
from image_metadata.store_metadata import store
from imagectl.verbs import schema
from imagectl.verbs.schema import create_schema
from tests.image_metadata.database.outcomes import metadata, upload
from tests.support.databases import Database

FIVE_COLUMNS = [
    "file_name NVARCHAR(255) NOT NULL, file_size_kb FLOAT, width INT NOT NULL, height INT, format NVARCHAR(10)",
    "file_name VARCHAR(100), file_size_kb DECIMAL(10, 2), width SMALLINT, height SMALLINT, format CHAR(4)",
    "file_name TEXT, file_size_kb INT, width BIGINT, height BIGINT, format VARCHAR(50)",
    "file_name NVARCHAR(MAX), file_size_kb REAL, width INT, height INT, format NVARCHAR(MAX)",
    "file_name VARCHAR(99) PRIMARY KEY, file_size_kb REAL, width INT, height INT, format CHAR(4), UNIQUE (file_name)",
]


def create(database: Database) -> None:
    with closing(connect(database.settings)) as connection:
        create_schema(connection)


def with_five_columns(database: Database, columns: str) -> None:
    database.query(f"CREATE TABLE ImageMetadata ({columns.replace('(MAX)', '') if is_sqlite(database) else columns})")
    for number in range(3):
        database.query("INSERT INTO ImageMetadata VALUES (?, ?, ?, ?, ?)", f"{number}.png", 7, 640, 480, "PNG")


def is_sqlite(database: Database) -> bool:
    return "Driver=SQLite3" in database.settings.connection_string


def contents(database: Database) -> list[object]:
    return [database.query(f"SELECT * FROM {name}") for name in ("ImageMetadata", "ImageRejections", "CurrentImages")]  # noqa: S608  # constants


@pytest.mark.parametrize("columns", FIVE_COLUMNS, ids=["usual", "narrow", "loose", "wide", "keyed"])
def test_a_table_of_five_columns_keeps_every_row_and_takes_new_ones(empty_database: Database, columns: str):
    with_five_columns(empty_database, columns)
    create(empty_database)
    longest = upload("é" * 1_024)
    with closing(Connections(empty_database.settings)) as connections:
        store(metadata(longest, width=100_000, format="JPEG2000"), connections)
        store(metadata(upload(longest.name, etag="0x2"), width=100_000, format="JPEG2000"), connections)
    rows = empty_database.query("SELECT file_name, file_size_kb, width, height, format FROM ImageMetadata")
    assert sorted((name, size, width, height, kind.strip()) for name, size, width, height, kind in rows) == [
        *((f"{number}.png", 7, 640, 480, "PNG") for number in range(3)),
        *[(longest.name, 120.5625, 100_000, 480, "JPEG2000")] * 2,
    ]


def test_older_rows_get_a_key_each_and_no_moment_that_nobody_knows(empty_database: Database):
    with_five_columns(empty_database, FIVE_COLUMNS[0])
    create(empty_database)
    rows = empty_database.query("SELECT upload_id, blob_id, uploaded_at, stored_at FROM ImageMetadata")
    assert len({key for key, *_ in rows}) == len({blob for _, blob, *_ in rows}) == 3
    assert all(key.startswith("legacy-") for keys in rows for key in keys[:2])
    assert {(uploaded_at, stored_at) for _, _, uploaded_at, stored_at in rows} == {(None, None)}


def test_the_view_shows_every_older_row(empty_database: Database):
    with_five_columns(empty_database, FIVE_COLUMNS[0])
    create(empty_database)
    assert len(empty_database.query("SELECT file_name FROM CurrentImages")) == 3


def test_twice_changes_nothing(empty_database: Database):
    with_five_columns(empty_database, FIVE_COLUMNS[0])
    create(empty_database)
    before = contents(empty_database)
    create(empty_database)
    assert contents(empty_database) == before


@pytest.mark.parametrize("table", ["ImageMetadata", "ImageRejections"])
def test_an_earlier_form_gets_the_columns_that_it_lacks(database: Database, table: str):
    with closing(Connections(database.settings)) as connections:
        store(metadata(), connections)
        database.query("DROP VIEW CurrentImages")
        for column in ("content_type", "content_md5"):
            database.query(f"ALTER TABLE {table} DROP COLUMN {column}")
        create(database)
        store(metadata(upload("next.jpg")), connections)
    assert database.rows() == sorted(("ImageMetadata", upload(name).id) for name in ("2026/a b.jpg", "next.jpg"))
    assert len(database.query("SELECT content_type FROM CurrentImages")) == 2


def test_a_key_is_stored_once_even_by_an_insert_that_does_not_look(database: Database):
    insert = "INSERT INTO ImageMetadata (file_name, file_size_kb, width, height, format, upload_id, blob_id) VALUES "
    database.query(insert + "('a', 1, 1, 1, 'PNG', 'key', 'blob')")
    with pytest.raises(TransientDatabaseError, match=r"(?i)unique|constraint"):
        database.query(insert + "('b', 1, 1, 1, 'PNG', 'key', 'blob')")


def test_sqlite_refuses_to_drop_a_column_that_is_not_ours(sqlite: Database):
    sqlite.query("DROP VIEW CurrentImages")
    sqlite.query("ALTER TABLE ImageMetadata DROP COLUMN lens_model")
    sqlite.query("ALTER TABLE ImageMetadata ADD COLUMN caption TEXT")
    with pytest.raises(TransientDatabaseError, match="columns of this app only, found caption as well"):
        create(sqlite)
    assert sqlite.query("SELECT caption FROM ImageMetadata") == []


def test_the_view_has_the_columns_of_the_table(database: Database):
    with closing(connect(database.settings)) as connection:
        table, view = (
            [column[0] for column in connection.execute(f"SELECT * FROM {name}").description]  # noqa: S608  # constants
            for name in ("ImageMetadata", "CurrentImages")
        )
    assert table == view
    assert set(table) == {*IMAGE_METADATA.columns, "stored_at"}


def test_the_command_reads_the_setting_and_says_what_is_there(empty_database: Database, monkeypatch, capsys):
    monkeypatch.setenv("SqlConnectionString", empty_database.settings.connection_string)
    assert schema.run(schema.argparse.Namespace()) == 0
    assert capsys.readouterr().out == "ImageMetadata, ImageRejections and CurrentImages are up to date.\n"
    assert empty_database.rows() == []
