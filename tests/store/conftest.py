from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from image_metadata.connections import Connections, connect
from imagectl.schema import create_schema
from tests.support.databases import Database, sql_server_database, sqlite_database


@pytest.fixture(params=["sqlite", "sqlserver"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table: on SQLite always, on SQL Server where there is one."""
    if request.param == "sqlite":
        yield sqlite_database(tmp_path / "images.db")
    else:
        with sql_server_database() as database:
            yield database


@pytest.fixture
def database(empty_database: Database) -> Database:
    with closing(connect(empty_database.settings)) as connection:
        create_schema(connection)
    return empty_database


@pytest.fixture
def sqlite(tmp_path: Path) -> Database:
    """SQLite with the tables, quick to give up on a lock, for the faults that only it can have."""
    database = sqlite_database(tmp_path / "sqlite" / "images.db", busy_milliseconds=100)
    (tmp_path / "sqlite").mkdir()
    with closing(connect(database.settings)) as connection:
        create_schema(connection)
    return database


@pytest.fixture
def connections(database: Database) -> Iterator[Connections]:
    with closing(Connections(database.settings)) as connections:
        yield connections
