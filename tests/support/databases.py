"""Databases for tests: SQLite always, SQL Server where TEST_SQL_CONNECTION_STRING names one."""

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from image_metadata.database.connections import connect, cursor
from image_metadata.errors import TransientDatabaseError
from image_metadata.settings import SqlSettings
from imagectl.schema.upgrade import split, upgrade_schema

VARIABLE = "TEST_SQL_CONNECTION_STRING"
ENGINES = ("sqlite", "sqlserver") if os.environ.get(VARIABLE) else ("sqlite",)
"""What a test of both engines runs on; where SQL Server is absent, the summary says so in one line."""


@dataclass(frozen=True)
class Database:
    """A database of the test's own, empty unless its fixture says otherwise."""

    settings: SqlSettings

    @property
    def is_sqlite(self) -> bool:
        return "Driver=SQLite3" in self.settings.connection_string

    def run_script(self, script: str) -> None:
        """Run a script of several statements."""
        with cursor(self.settings) as opened:
            for statement in split(script) if self.is_sqlite else [script]:
                opened.execute(statement)
                while opened.nextset():
                    pass

    def query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with cursor(self.settings) as opened:
            opened.execute(statement, *parameters)
            return [tuple(row) for row in opened.fetchall()] if opened.description else []

    def rows(self) -> list[tuple[str, str]]:
        """(table, upload_id) of every row there is."""
        tables = ("ImageMetadata", "ImageRejections")
        return sorted((table, key) for table in tables for (key,) in self.query(f"SELECT upload_id FROM {table}"))  # noqa: S608  # two constants


def with_tables(database: Database) -> Database:
    with closing(connect(database.settings)) as connection:
        upgrade_schema(connection)
    return database


def sqlite_database(file: Path, busy_milliseconds: int = 30_000) -> Database:
    """A database in this file, which is created empty unless it is there."""
    file.touch()
    return Database(SqlSettings(f"Driver=SQLite3;Database={file};Timeout={busy_milliseconds}"))


def sql_server() -> Database:
    """The server that the environment names; skips the test where it names none."""
    server = os.environ.get(VARIABLE)
    if not server:
        pytest.skip(f"{VARIABLE} is not set: no SQL Server to test on")
    return Database(SqlSettings(server))


@contextmanager
def sql_server_database() -> Iterator[Database]:
    """A new database on the server that the environment names; skips the test where it names none."""
    with temporary_database(sql_server().settings.connection_string) as database:
        yield database


@contextmanager
def temporary_database(server: str) -> Iterator[Database]:
    """A new database on the server of a connection string; it is dropped in the end."""
    elsewhere = re.sub(r"(?i)(^|;)\s*(database|initial catalog)\s*=[^;]*", "", server).strip(";")
    name = f"image_metadata_test_{uuid.uuid4().hex}"
    master = Database(SqlSettings(f"{elsewhere};Database=master"))
    master.query(f"CREATE DATABASE {name}")
    try:
        yield Database(SqlSettings(f"{elsewhere};Database={name}"))
    finally:
        # Azure SQL has no single-user mode and needs none to drop a database in use.
        with suppress(TransientDatabaseError):
            master.query(f"ALTER DATABASE {name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE")
        master.query(f"DROP DATABASE {name}")
