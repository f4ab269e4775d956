"""The schema: from nothing, from five columns, from every earlier form, by several runs at once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from image_metadata.database.connections import Connections, OldSchemaError, connect
from image_metadata.database.tables import IMAGE_METADATA, SCHEMA_VERSION
from image_metadata.errors import TransientDatabaseError
from image_metadata.store_metadata import store
from imagectl.schema.upgrade import upgrade_schema, version
from tests.image_metadata.database.outcomes import metadata, rejection, upload
from tests.imagectl.schema import first_release
from tests.support.databases import Database, sql_server_database, sqlite_database

FIVE_COLUMNS = [
    "file_name NVARCHAR(255) NOT NULL, file_size_kb FLOAT, width INT NOT NULL, height INT, format NVARCHAR(10)",
    "file_name VARCHAR(100), file_size_kb DECIMAL(10, 2), width SMALLINT, height SMALLINT, format CHAR(4)",
    "file_name TEXT, file_size_kb INT, width BIGINT, height BIGINT, format VARCHAR(50)",
    "file_name NVARCHAR(MAX), file_size_kb REAL, width INT, height INT, format NVARCHAR(MAX)",
    "file_name VARCHAR(99) PRIMARY KEY, file_size_kb REAL, width INT, height INT, format CHAR(4), UNIQUE (file_name)",
]
VERSIONS = [(number,) for number in range(1, SCHEMA_VERSION + 1)]


def upgraded(database: Database) -> None:
    with closing(connect(database.settings)) as connection:
        upgrade_schema(connection)


def with_five_columns(database: Database, columns: str) -> None:
    columns = columns.replace("(MAX)", "") if database.is_sqlite else columns
    database.query(f"CREATE TABLE ImageMetadata ({columns})")
    for number in range(3):
        database.query("INSERT INTO ImageMetadata VALUES (?, ?, ?, ?, ?)", f"{number}.png", 7, 640, 480, "PNG")


def contents(database: Database) -> list[object]:
    names = ("ImageMetadata", "ImageRejections", "ProcessedUploads", "SchemaVersions", "CurrentImages")
    return [database.query(f"SELECT * FROM {name}") for name in names]  # noqa: S608  # constants


def keys(database: Database) -> list[str]:
    return sorted(key for (key,) in database.query("SELECT upload_id FROM ProcessedUploads"))


@pytest.mark.parametrize("columns", FIVE_COLUMNS, ids=["usual", "narrow", "loose", "wide", "keyed"])
def test_a_table_of_five_columns_keeps_every_row_and_takes_new_ones(empty_database: Database, columns: str):
    with_five_columns(empty_database, columns)
    upgraded(empty_database)
    longest = upload("é" * 1_024)
    with closing(Connections(empty_database.settings)) as connections:
        store(metadata(longest, width=100_000, format="JPEG2000"), connections)
        store(metadata(upload(longest.name, etag="0x2"), width=100_000, format="JPEG2000"), connections)
    rows = empty_database.query("SELECT file_name, file_size_kb, width, height, format FROM ImageMetadata")
    assert sorted((name, size, width, height, kind.strip()) for name, size, width, height, kind in rows) == [
        *((f"{number}.png", 7, 640, 480, "PNG") for number in range(3)),
        *[(longest.name, 120.5625, 100_000, 480, "JPEG2000")] * 2,
    ]


def test_rows_of_five_columns_get_a_key_each_and_no_time_that_nobody_knows(empty_database: Database):
    with_five_columns(empty_database, FIVE_COLUMNS[0])
    upgraded(empty_database)
    rows = empty_database.query("SELECT upload_id, blob_id, uploaded_at, stored_at, read_at FROM ImageMetadata")
    assert len({blob for _, blob, *_ in rows}) == 3
    assert keys(empty_database) == sorted({key for key, *_ in rows})
    assert all(key.startswith("legacy-") for ids in rows for key in ids[:2])
    assert {tuple(times) for _, _, *times in rows} == {(None, None, None)}


def test_the_view_shows_every_row_of_five_columns(empty_database: Database):
    with_five_columns(empty_database, FIVE_COLUMNS[0])
    upgraded(empty_database)
    assert len(empty_database.query("SELECT file_name FROM CurrentImages")) == 3


def test_a_second_run_changes_nothing(empty_database: Database):
    with_five_columns(empty_database, FIVE_COLUMNS[0])
    upgraded(empty_database)
    before = contents(empty_database)
    upgraded(empty_database)
    assert contents(empty_database) == before


def test_the_first_releases_tables_without_some_columns_are_completed(empty_database: Database):
    first_release.create(empty_database)
    empty_database.query("DROP VIEW CurrentImages")
    for column in ("content_type", "content_md5"):
        empty_database.query(f"ALTER TABLE ImageMetadata DROP COLUMN {column}")
        empty_database.query(f"ALTER TABLE ImageRejections DROP COLUMN {column}")
    upgraded(empty_database)
    with closing(Connections(empty_database.settings)) as connections:
        store(metadata(), connections)
    assert empty_database.query("SELECT content_type FROM CurrentImages") == [(None,)]


def test_the_first_releases_rows_get_their_keys(empty_database: Database):
    first_release.create(empty_database)
    first_release.store(empty_database, metadata(upload("a.jpg")))
    first_release.store(empty_database, rejection(upload("b.pdf")))
    upgraded(empty_database)
    assert keys(empty_database) == sorted([upload("a.jpg").id, upload("b.pdf").id])
    assert empty_database.query("SELECT blob_id FROM ImageRejections") == [(upload("b.pdf").blob_id,)]


def test_an_upload_that_the_first_release_stored_in_both_tables_keeps_its_metadata(empty_database: Database):
    first_release.create(empty_database)
    first_release.store_unconditionally(empty_database, metadata())
    first_release.store_unconditionally(empty_database, rejection())
    upgraded(empty_database)
    assert empty_database.rows() == [("ImageMetadata", upload().id)]
    assert keys(empty_database) == [upload().id]


def test_the_first_release_goes_on_storing_beside_the_new_schema(database: Database):
    first_release.store(database, metadata(upload("a.jpg")))
    first_release.store(database, rejection(upload("b.pdf")))
    assert database.rows() == [("ImageMetadata", upload("a.jpg").id), ("ImageRejections", upload("b.pdf").id)]
    assert keys(database) == sorted([upload("a.jpg").id, upload("b.pdf").id])


def test_both_releases_at_once_leave_one_row(database: Database, connections: Connections):
    for number in range(20):
        of = upload(f"{number}.jpg")
        first_release.store(database, rejection(of))
        store(metadata(of), connections)
        of = upload(f"{number}.png")
        store(metadata(of), connections)
        first_release.store(database, rejection(of))
    assert len(database.rows()) == len(keys(database)) == 40


def test_a_rejection_that_the_first_release_stored_later_gets_its_blob_id_from_the_next_run(database: Database):
    first_release.store(database, rejection())
    upgraded(database)
    assert database.query("SELECT blob_id FROM ImageRejections") == [(upload().blob_id,)]


def test_the_app_refuses_an_older_schema_and_names_the_command(empty_database: Database):
    upgraded(empty_database)
    empty_database.query("DELETE FROM SchemaVersions WHERE version = ?", SCHEMA_VERSION)
    sentence = f"expected version {SCHEMA_VERSION} of the database's schema, found {SCHEMA_VERSION - 1}; run `python -m"
    with closing(Connections(empty_database.settings)) as connections:
        with pytest.raises(OldSchemaError, match=sentence):
            store(metadata(), connections)
        empty_database.query("INSERT INTO SchemaVersions (version) VALUES (?)", SCHEMA_VERSION)
        assert store(metadata(), connections).kind == "metadata"


def test_the_app_refuses_the_first_releases_schema_and_names_the_command(empty_database: Database):
    first_release.create(empty_database)
    with (
        closing(Connections(empty_database.settings)) as connections,
        pytest.raises(TransientDatabaseError, match="run `python -m imagectl schema`"),
    ):
        store(metadata(), connections)


@pytest.mark.parametrize("existing", ["nothing", "five columns", "first release"])
def test_four_runs_at_once_all_succeed(empty_database: Database, existing: str):
    if existing == "five columns":
        with_five_columns(empty_database, FIVE_COLUMNS[0])
    elif existing == "first release":
        first_release.create(empty_database)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(upgraded, [empty_database] * 4))
    assert sorted(empty_database.query("SELECT version FROM SchemaVersions")) == VERSIONS


@pytest.mark.sqlserver
def test_permissions_granted_on_a_view_survive_an_upgrade():
    with sql_server_database() as database:
        first_release.create(database)
        database.query("CREATE ROLE readers")
        database.query("GRANT SELECT ON CurrentImages TO readers WITH GRANT OPTION")
        upgraded(database)
        granted = database.query("EXEC sp_table_privileges 'CurrentImages'")
    assert ("readers", "SELECT", "YES") in [(row[4], row[5], row[6]) for row in granted]


def test_a_failure_leaves_the_database_as_it_was(empty_database: Database):
    first_release.create(empty_database)
    first_release.store(empty_database, metadata())
    empty_database.query("CREATE TABLE ProcessedUploads (something INT)")
    with closing(connect(empty_database.settings)) as connection:
        with pytest.raises(TransientDatabaseError, match=r"(?i)processeduploads"):
            upgrade_schema(connection, pauses=())
        assert version(connection) == 0
    first_release.store(empty_database, metadata(upload("next.jpg")))
    assert len(empty_database.rows()) == 2


def test_the_version_of_a_database_that_does_not_answer_is_an_error_and_not_zero(database: Database):
    connection = connect(database.settings)
    connection.close()
    with pytest.raises(TransientDatabaseError):
        version(connection)


def test_a_key_is_stored_once_even_by_an_insert_that_does_not_look(database: Database):
    insert = "INSERT INTO ImageMetadata (file_name, file_size_kb, width, height, format, upload_id, blob_id) VALUES "
    database.query(insert + "('a', 1, 1, 1, 'PNG', 'key', 'blob')")
    with pytest.raises(TransientDatabaseError, match=r"(?i)unique|constraint"):
        database.query(insert + "('b', 1, 1, 1, 'PNG', 'key', 'blob')")


@pytest.mark.parametrize("second", [metadata(), rejection()], ids=["metadata", "rejection"])
def test_the_database_itself_refuses_a_second_row_in_the_other_table(database: Database, second):
    first = rejection() if second.__class__ is metadata().__class__ else metadata()
    first_release.store_unconditionally(database, first)
    with pytest.raises(TransientDatabaseError, match=r"(?i)unique|duplicate|constraint"):
        first_release.store_unconditionally(database, second)
    assert len(database.rows()) == 1


def test_a_deleted_row_takes_its_key_along(database: Database, connections: Connections):
    store(metadata(upload("a.jpg")), connections)
    store(rejection(upload("b.pdf")), connections)
    database.query("DELETE FROM ImageMetadata")
    database.query("DELETE FROM ImageRejections")
    assert keys(database) == []


def test_sqlite_refuses_to_drop_a_column_that_is_not_ours(tmp_path):
    database = sqlite_database(tmp_path / "images.db")
    first_release.create(database)
    database.query("DROP VIEW CurrentImages")
    database.query("ALTER TABLE ImageMetadata DROP COLUMN lens_model")
    database.query("ALTER TABLE ImageMetadata ADD COLUMN caption TEXT")
    with pytest.raises(TransientDatabaseError, match="columns of this app only, found caption as well"):
        upgraded(database)
    assert database.query("SELECT caption FROM ImageMetadata") == []


def test_the_view_has_the_columns_of_the_table(database: Database):
    with closing(connect(database.settings)) as connection:
        shown = connection.execute("SELECT * FROM CurrentImages").description
    assert [column[0] for column in shown] == list(IMAGE_METADATA.columns)
