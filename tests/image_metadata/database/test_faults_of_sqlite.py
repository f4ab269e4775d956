"""Each fault of SQLite: one sentence that says what to do, and the row arrives once the fault is repaired."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyodbc
import pytest

from image_metadata.database.connections import Connections, connect
from image_metadata.errors import TransientDatabaseError
from image_metadata.settings import SqlSettings
from image_metadata.store_metadata import store
from imagectl.schema.upgrade import upgrade_schema
from tests.image_metadata.database.outcomes import metadata, upload
from tests.support.databases import Database

WRITE_VERSION = 18
"""Offset of the file format's write version; a version that SQLite does not know makes the file read-only."""


@pytest.fixture
def file(sqlite: Database) -> Path:
    return Path(sqlite.settings.connection_string.partition("Database=")[2].partition(";")[0])


@pytest.fixture(params=["first connection", "connection in use"])
def connections(request: pytest.FixtureRequest, sqlite: Database) -> Iterator[Connections]:
    with closing(Connections(sqlite.settings)) as connections:
        if request.param == "connection in use":
            store(metadata(upload("before.jpg")), connections)
        yield connections


@contextmanager
def repaired_error(sentence: str, connections: Connections) -> Iterator[None]:
    """Storing fails with the sentence; the block repairs the fault; then storing succeeds."""
    with pytest.raises(TransientDatabaseError, match=sentence):
        store(metadata(), connections)
    yield
    assert store(metadata(), connections).kind == "metadata"


def create_again(database: Database) -> None:
    with closing(connect(database.settings)) as connection:
        upgrade_schema(connection)


def test_locked_by_another_program(sqlite: Database, connections: Connections):
    with closing(connect(sqlite.settings)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with repaired_error(
            "another program has locked the SQLite database; if this continues, end that program", connections
        ):
            other.execute("ROLLBACK")
    assert ("ImageMetadata", upload().id) in sqlite.rows()


def test_read_only(sqlite: Database, file: Path, connections: Connections):
    def allow_writing(version: int) -> None:
        content = bytearray(file.read_bytes())
        content[WRITE_VERSION] = version
        file.write_bytes(content)

    allow_writing(9)
    connections.close()
    with repaired_error("cannot be written or was removed; make the file and its folder writable", connections):
        allow_writing(1)
    assert ("ImageMetadata", upload().id) in sqlite.rows()


def test_full(sqlite: Database):
    pages = "4"

    def open_limited(*arguments: str, **options: int) -> pyodbc.Connection:
        """A disk that is full by SQLite's own limit of pages."""
        connection = pyodbc.connect(*arguments, **options)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    with closing(Connections(sqlite.settings, open_connection=open_limited)) as connections:
        with pytest.raises(TransientDatabaseError, match="the disk of the SQLite database is full; free some space"):  # noqa: PT012  # which row is the first without room depends on SQLite
            for number in range(100):
                store(metadata(upload(f"{number}" + "x" * 1_000)), connections)
        pages = "1000000"
        store(metadata(), connections)
    assert ("ImageMetadata", upload().id) in sqlite.rows()


def test_file_removed_while_in_use(sqlite: Database, file: Path):
    with closing(Connections(sqlite.settings)) as connections:
        store(metadata(upload("before.jpg")), connections)
        file.unlink()
        with repaired_error("cannot be written or was removed", connections):
            create_again(sqlite)
    assert sqlite.rows() == [("ImageMetadata", upload().id)]


def test_file_removed_before(sqlite: Database, file: Path):
    file.unlink()
    with closing(Connections(sqlite.settings)) as connections, repaired_error("imagectl schema", connections):
        create_again(sqlite)
    assert sqlite.rows() == [("ImageMetadata", upload().id)]


def test_folder_missing(sqlite: Database, file: Path):
    shutil.rmtree(file.parent)
    with (
        closing(Connections(sqlite.settings)) as connections,
        repaired_error(
            f"cannot be opened: expected the folder {file.parent}, but there is none; create it, or correct Database",
            connections,
        ),
    ):
        file.parent.mkdir()
        create_again(sqlite)
    assert sqlite.rows() == [("ImageMetadata", upload().id)]


def test_a_folder_instead_of_the_file(sqlite: Database, file: Path):
    file.unlink()
    file.mkdir()
    with (
        closing(Connections(sqlite.settings)) as connections,
        repaired_error(
            f"^the SQLite database cannot be opened: expected a file, found the folder {file}; ", connections
        ),
    ):
        file.rmdir()
        create_again(sqlite)
    assert sqlite.rows() == [("ImageMetadata", upload().id)]


def test_a_path_that_the_system_refuses_to_look_at():
    refused = SqlSettings(f"Driver=SQLite3;Database=/{'a' * 300}/images.db")
    with (
        closing(Connections(refused)) as connections,
        pytest.raises(TransientDatabaseError, match="may not; change the permissions of its folders"),
    ):
        store(metadata(), connections)


def test_table_missing(sqlite: Database, connections: Connections):
    sqlite.query("ALTER TABLE ImageMetadata RENAME TO Elsewhere")
    with repaired_error("lacks a table or column of this app; run `python -m imagectl schema`", connections):
        sqlite.query("ALTER TABLE Elsewhere RENAME TO ImageMetadata")
    assert ("ImageMetadata", upload().id) in sqlite.rows()


def test_column_missing(sqlite: Database, connections: Connections):
    sqlite.query("ALTER TABLE ImageMetadata RENAME COLUMN lens_model TO elsewhere")
    with repaired_error("lacks a table or column of this app; run `python -m imagectl schema`", connections):
        sqlite.query("ALTER TABLE ImageMetadata RENAME COLUMN elsewhere TO lens_model")
    assert ("ImageMetadata", upload().id) in sqlite.rows()


def test_not_a_database(sqlite: Database, file: Path):
    file.write_text("This is a text file.\n" * 100)
    with (
        closing(Connections(sqlite.settings)) as connections,
        repaired_error(
            "images.db is damaged or is not a SQLite database; correct .* restore it, or delete it", connections
        ),
    ):
        file.unlink()
        create_again(sqlite)
    assert sqlite.rows() == [("ImageMetadata", upload().id)]
