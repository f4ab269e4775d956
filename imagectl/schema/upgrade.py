"""Bring a database to the newest schema; several at once all succeed."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from image_metadata.database.connections import driver
from image_metadata.database.errors import is_table_missing, transient_database_error
from image_metadata.database.statements import READ_SCHEMA_VERSION
from image_metadata.database.tables import SCHEMA_VERSION, SCHEMA_VERSIONS
from imagectl.schema import older_rejections, older_sqlite, scripts, views
from imagectl.schema.dialects import Sqlite, create_table, is_sqlite
from imagectl.schema.migrations import VERSIONS, statements

if TYPE_CHECKING:
    import pyodbc

_PAUSES = (0.5, 1, 2, 4)
_NO_TIME_LIMIT = 0


def upgrade_schema(connection: "pyodbc.Connection", pauses: Sequence[float] = _PAUSES) -> None:
    """Apply the migrations that the database lacks, in one transaction, on an autocommit connection.

    ``pauses``: seconds before each further attempt on SQL Server, where another run may be under way.

    Raises:
        TransientDatabaseError: the database refuses; it is as it was before.
    """
    pyodbc = driver()
    # A migration of a large table takes longer than the app allows a statement.
    connection.timeout = _NO_TIME_LIMIT
    try:
        if is_sqlite(connection):
            _upgrade_sqlite(connection.cursor())
        else:
            _upgrade_sql_server(connection, pauses)
        older_rejections.fill_blob_ids(connection.cursor(), sqlite=is_sqlite(connection))
    except pyodbc.Error as error:
        raise transient_database_error(error, connection_string="") from None


def version(connection: "pyodbc.Connection") -> int:
    """The schema that the database has; 0 where there is no version row, and so for the first release's schema.

    Raises:
        TransientDatabaseError: the database does not answer.
    """
    try:
        [(newest,)] = connection.execute(READ_SCHEMA_VERSION.text).fetchall()
    except driver().Error as error:
        if is_table_missing(error):
            return 0
        raise transient_database_error(error, connection_string="") from None
    return newest or 0


def _upgrade_sql_server(connection: "pyodbc.Connection", pauses: Sequence[float]) -> None:
    """Run the script; whatever it fails with while another run is under way, that other run then has done its work."""
    for pause in (*pauses, None):
        if version(connection) >= SCHEMA_VERSION:
            return
        try:
            _run_batch(connection.cursor(), scripts.sql_server())
        except driver().Error:
            with suppress(driver().Error):
                connection.execute("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION")
            if version(connection) >= SCHEMA_VERSION:
                return
            if pause is None:
                raise
            time.sleep(pause)


def _run_batch(cursor: "pyodbc.Cursor", script: str) -> None:
    cursor.execute(script)
    # An error after the first statement comes with the result set that it belongs to.
    while cursor.nextset():
        pass


def _upgrade_sqlite(cursor: "pyodbc.Cursor") -> None:
    # IMMEDIATE: several at once take turns, each for as long as the connection string's Timeout.
    cursor.execute("BEGIN IMMEDIATE")
    try:
        present = version(cursor.connection)
        if present == 0:
            if not older_sqlite.has_table(cursor, SCHEMA_VERSIONS):
                cursor.execute(create_table(Sqlite(), SCHEMA_VERSIONS))
            older_sqlite.apply_baseline(cursor, list(split(scripts.sqlite_baseline())))
        for number in VERSIONS:
            if number > max(present, 1):
                for statement in statements(Sqlite(), number):
                    cursor.execute(statement)
            if number > present:
                cursor.execute(f"INSERT INTO {SCHEMA_VERSIONS.name} (version) VALUES (?)", number)  # noqa: S608  # a name of this project
        if present < SCHEMA_VERSION:
            _create_views(cursor)
    except BaseException:
        # After some errors, a full disk among them, SQLite has rolled back already.
        with suppress(driver().Error):
            cursor.execute("ROLLBACK")
        raise
    cursor.execute("COMMIT")


def _create_views(cursor: "pyodbc.Cursor") -> None:
    for view in views.CURRENT:
        cursor.execute(f"DROP VIEW IF EXISTS {view}")
    for statement in scripts.create_views():
        cursor.execute(statement)


def split(script: str) -> Iterator[str]:
    """The script's statements, without comment lines: the driver runs one at a time, and counts a comment's «;»."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += "" if line.startswith("--") else line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
