"""Migration 1 on SQLite: move the rows of an older table over to a new one.

SQLite cannot change a column's type or drop a key that stands in the table's own definition, so the table is
re-created. Frozen like the script that it runs.
"""

import re
from typing import TYPE_CHECKING

from image_metadata.database.columns import Table
from image_metadata.database.tables import UPLOAD_TABLES
from image_metadata.errors import TransientDatabaseError

if TYPE_CHECKING:
    import pyodbc


def apply_baseline(cursor: "pyodbc.Cursor", baseline: list[str]) -> None:
    """Run the statements of the baseline within the caller's transaction; the rows of older tables stay.

    Raises:
        TransientDatabaseError: an older table has columns that this app does not know, which would be lost.
    """
    older = [table for table in UPLOAD_TABLES if _is_older(cursor, table)]
    for table in older:
        _set_aside(cursor, table)
    nullable = [column for table in older for column in _columns_with_null(cursor, table)]
    for statement in baseline:
        cursor.execute(_admitting_null(statement, nullable))
    for table in older:
        _bring_back(cursor, table)


def has_table(cursor: "pyodbc.Cursor", table: Table) -> bool:
    return bool(_present_columns(cursor, table.name))


def _is_older(cursor: "pyodbc.Cursor", table: Table) -> bool:
    present = _present_columns(cursor, table.name)
    return bool(present) and not present.issuperset(_baseline_columns(table))


def _set_aside(cursor: "pyodbc.Cursor", table: Table) -> None:
    """Copy the rows to a temporary table that has every column, and drop the older table with its indexes."""
    unknown = _present_columns(cursor, table.name) - set(_baseline_columns(table))
    if unknown:
        raise TransientDatabaseError(
            f"expected {table.name} to have columns of this app only, found {', '.join(sorted(unknown))} as well; "
            "SQLite would lose them, so move them to a table of their own"
        )
    cursor.execute("DROP VIEW IF EXISTS CurrentImages")
    cursor.execute(f"CREATE TEMPORARY TABLE older_{table.name} AS SELECT * FROM {table.name}")  # noqa: S608  # names of this app
    cursor.execute(f"DROP TABLE {table.name}")
    for column in sorted(set(_baseline_columns(table)) - _present_columns(cursor, f"older_{table.name}")):
        cursor.execute(f"ALTER TABLE older_{table.name} ADD COLUMN {column}")
    for column, key in (("upload_id", "'legacy-' || hex(randomblob(16))"), ("blob_id", "upload_id")):
        if column in _baseline_columns(table):
            cursor.execute(f"UPDATE older_{table.name} SET {column} = {key} WHERE {column} IS NULL")  # noqa: S608  # names of this app


def _columns_with_null(cursor: "pyodbc.Cursor", table: Table) -> list[str]:
    """The columns of the rows that are set aside in which some value is missing."""
    marks = [f"MAX({column} IS NULL)" for column in _baseline_columns(table)]
    [row] = cursor.execute(f"SELECT {', '.join(marks)} FROM older_{table.name}").fetchall()  # noqa: S608  # names of this app
    return [column for column, has_null in zip(_baseline_columns(table), row, strict=True) if has_null]


def _admitting_null(statement: str, columns: list[str]) -> str:
    """The same CREATE TABLE; a column of an older table that may be NULL stays so, as it does on SQL Server."""
    for column in columns:
        statement = re.sub(rf"^(    {column} \S+) NOT NULL", r"\1 NULL", statement, flags=re.MULTILINE)
    return statement


def _bring_back(cursor: "pyodbc.Cursor", table: Table) -> None:
    columns = ", ".join(_baseline_columns(table))
    cursor.execute(f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM older_{table.name}")  # noqa: S608  # names of this app
    cursor.execute(f"DROP TABLE older_{table.name}")


def _baseline_columns(table: Table) -> tuple[str, ...]:
    return tuple(name for name, column in table.columns.items() if column.since == 1)


def _present_columns(cursor: "pyodbc.Cursor", table: str) -> set[str]:
    return {name.lower() for _, name, *_ in cursor.execute(f"PRAGMA table_info({table})").fetchall()}
