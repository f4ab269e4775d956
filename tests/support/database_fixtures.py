"""Fixtures for the folders whose tests need a database: on SQLite always, on SQL Server where there is one."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from image_metadata.database.connections import Connections
from tests.support.databases import ENGINES, Database, sql_server_database, sqlite_database, with_tables


@pytest.fixture(params=ENGINES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    if request.param == "sqlite":
        yield sqlite_database(tmp_path / "images.db")
    else:
        with sql_server_database() as database:
            yield database


@pytest.fixture
def database(empty_database: Database) -> Database:
    return with_tables(empty_database)


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    """SQLite with the tables and a short busy timeout, for what only SQLite has."""
    (tmp_path / "sqlite").mkdir()
    return with_tables(sqlite_database(tmp_path / "sqlite" / "images.db", busy_milliseconds=100))


@pytest.fixture
def connections(database: Database) -> Iterator[Connections]:
    with closing(Connections(database.settings)) as connections:
        yield connections
