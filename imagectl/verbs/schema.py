"""Create the tables and the view, or bring older ones up to date in place."""

import argparse
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from image_metadata import settings
from image_metadata.database.connections import connect, driver
from image_metadata.database.errors import transient_database_error
from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS, Table
from image_metadata.errors import TransientDatabaseError
from imagectl.repository import REPOSITORY

if TYPE_CHECKING:
    import pyodbc

HELP = "create the tables in the database, or bring older ones up to date"

_SCRIPTS = REPOSITORY / "sql"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "Run it as often as you like: it adds what is missing, and keeps every row."


def run(_arguments: argparse.Namespace) -> int:
    with closing(connect(settings.sql())) as connection:
        create_schema(connection)
    print("ImageMetadata, ImageRejections and CurrentImages are up to date.")
    return 0


def create_schema(connection: "pyodbc.Connection") -> None:
    """Run the script that fits the database of an autocommit connection; twice changes nothing.

    Raises:
        TransientDatabaseError: the database refuses; it is as it was before.
    """
    pyodbc = driver()
    is_sqlite = connection.getinfo(pyodbc.SQL_DBMS_NAME) == "SQLite"
    try:
        if is_sqlite:
            _create_in_sqlite(connection.cursor())
        else:
            _run_batch(connection.cursor(), (_SCRIPTS / "sqlserver.sql").read_text(encoding="utf-8"))
    except pyodbc.Error as error:
        raise transient_database_error(error, connection_string="") from None


def _run_batch(cursor: "pyodbc.Cursor", script: str) -> None:
    cursor.execute(script)
    # An error after the first statement comes with the result set that it belongs to.
    while cursor.nextset():
        pass


def _create_in_sqlite(cursor: "pyodbc.Cursor") -> None:
    cursor.execute("BEGIN IMMEDIATE")
    try:
        older = [table for table in (IMAGE_METADATA, IMAGE_REJECTIONS) if _is_older(cursor, table)]
        for table in older:
            _set_aside(cursor, table)
        for statement in _statements((_SCRIPTS / "sqlite.sql").read_text(encoding="utf-8")):
            cursor.execute(statement)
        for table in older:
            _bring_back(cursor, table)
    except BaseException:
        # After some errors, a full disk among them, SQLite has rolled back already.
        with suppress(driver().Error):
            cursor.execute("ROLLBACK")
        raise
    cursor.execute("COMMIT")


def _is_older(cursor: "pyodbc.Cursor", table: Table) -> bool:
    present = _columns(cursor, table.name)
    return bool(present) and not present.issuperset(_all_columns(table))


def _set_aside(cursor: "pyodbc.Cursor", table: Table) -> None:
    """Copy the rows to a temporary table that has every column, and drop the older table with its indexes."""
    unknown = _columns(cursor, table.name) - set(_all_columns(table))
    if unknown:
        raise TransientDatabaseError(
            f"expected {table.name} to have columns of this app only, found {', '.join(sorted(unknown))} as well; "
            "SQLite would lose them, so move them to a table of their own"
        )
    cursor.execute("DROP VIEW IF EXISTS CurrentImages")
    cursor.execute(f"CREATE TEMPORARY TABLE older_{table.name} AS SELECT * FROM {table.name}")  # noqa: S608  # names of this app
    cursor.execute(f"DROP TABLE {table.name}")
    for column in sorted(set(_all_columns(table)) - _columns(cursor, f"older_{table.name}")):
        cursor.execute(f"ALTER TABLE older_{table.name} ADD COLUMN {column}")
    for column, key in (("upload_id", "'legacy-' || hex(randomblob(16))"), ("blob_id", "upload_id")):
        if column in table.columns:
            cursor.execute(f"UPDATE older_{table.name} SET {column} = {key} WHERE {column} IS NULL")  # noqa: S608  # names of this app


def _bring_back(cursor: "pyodbc.Cursor", table: Table) -> None:
    columns = ", ".join(_all_columns(table))
    cursor.execute(f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM older_{table.name}")  # noqa: S608  # names of this app
    cursor.execute(f"DROP TABLE older_{table.name}")


def _all_columns(table: Table) -> tuple[str, ...]:
    return (*table.columns, "stored_at")


def _columns(cursor: "pyodbc.Cursor", table: str) -> set[str]:
    return {name.lower() for _, name, *_ in cursor.execute(f"PRAGMA table_info({table})").fetchall()}


def _statements(script: str) -> Iterator[str]:
    """The script's statements one by one: the driver runs a single one at a time."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
