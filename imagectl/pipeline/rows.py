"""Queries of the tables, each on a connection of its own: a command may wait for hours between two of them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from image_metadata import settings
from image_metadata.database.columns import Table
from image_metadata.database.connections import cursor
from image_metadata.database.sqlite_file import sqlite_path
from image_metadata.database.statements import at_most
from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS
from image_metadata.errors import SettingError
from image_metadata.text import printable
from image_metadata.timestamps import time_as_text
from imagectl.schema.dialects import is_sqlite

if TYPE_CHECKING:
    import pyodbc

LOOK_UP = 1000
"""Ids that one query may ask for: each is sent once per table, and SQL Server takes 2,100 parameters."""


@dataclass(frozen=True, slots=True)
class Rows:
    """How many blobs have an image, or a rejection by reason, as the newest known state; history does not count."""

    images: int
    rejections: dict[str, int]


def count_rows() -> Rows:
    """Count what the views show; raises TransientDatabaseError, like all of this module."""
    [(images,)] = query(_COUNT_IMAGES)
    rejections = query("SELECT reason, COUNT(*) FROM CurrentRejections GROUP BY reason ORDER BY reason")
    return Rows(images, dict(tuple(row) for row in rejections))


def with_row(ids: Sequence[str]) -> set[str]:
    """Those of at most ``LOOK_UP`` upload ids that have a row in either table."""
    return set(table_of(ids))


def table_of(ids: Sequence[str]) -> dict[str, str]:
    """The name of the table that has the row of each of at most ``LOOK_UP`` upload ids; those without are left out."""
    marks = ",".join("?" * len(ids))
    selects = (
        f"SELECT upload_id, '{table.name}' FROM {table.name} WHERE upload_id IN ({marks})"  # noqa: S608  # our own names, and question marks
        for table in (IMAGE_METADATA, IMAGE_REJECTIONS)
    )
    return dict(map(tuple, query(" UNION ALL ".join(selects), [*ids, *ids])))


def schema_applied_at() -> datetime:
    """When the newest migration was applied, by the database's clock, in UTC without a zone."""
    [(value,)] = query("SELECT MAX(applied_at) FROM SchemaVersions")
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def newest_rows(table: Table, limit: int) -> list[dict[str, Any]]:
    """The rows stored last, newest first, each as value by column; a moment is ISO 8601 text, as in the payloads."""
    columns = column_names(table)
    statement = f"SELECT {', '.join(columns)} FROM {table.name} ORDER BY stored_at DESC, upload_id DESC"  # noqa: S608  # our own names
    return [dict(zip(columns, map(time_as_text, row), strict=True)) for row in query(statement, limit=limit)]


def states(table: Table, blob_id: str) -> list[dict[str, Any]]:
    """The rows of all states of one blob."""
    columns = column_names(table)
    found = query(f"SELECT {', '.join(columns)} FROM {table.name} WHERE blob_id = ?", [blob_id])  # noqa: S608  # our own names
    return [dict(zip(columns, map(time_as_text, row), strict=True)) for row in found]


def column_names(table: Table) -> list[str]:
    return list(table.columns)


# A count of CurrentImages looks at every row three times. This reads one index from end to end, and looks only at the
# blobs that have a rejection or were seen deleted, which are few.
_COUNT_IMAGES = """
SELECT (SELECT COUNT(*) FROM (SELECT DISTINCT blob_id FROM ImageMetadata) AS blobs) - (
    SELECT COUNT(*)
    FROM (
        SELECT blob_id FROM ImageRejections
        UNION SELECT blob_id FROM BlobObservations WHERE present = 0
    ) AS doubtful
    WHERE EXISTS (SELECT 1 FROM ImageMetadata AS stored WHERE stored.blob_id = doubtful.blob_id)
    AND NOT EXISTS (SELECT 1 FROM CurrentImages AS shown WHERE shown.blob_id = doubtful.blob_id)
)"""


@contextmanager
def open_cursor() -> Iterator["pyodbc.Cursor"]:
    """A cursor on a connection of its own, to tables that exist: a SQLite driver would create an empty file.

    Raises:
        SettingError: SqlConnectionString is absent or malformed, or names a SQLite file that does not exist.
        TransientDatabaseError: the database cannot be reached, or refuses what is done with the cursor.
    """
    found = settings.sql()
    path = sqlite_path(found.connection_string)
    if path is not None and not Path(path).exists():
        raise SettingError(
            f"expected the SQLite database {printable(path)}, but there is no such file; "
            f"correct Database=… in {settings.SQL_CONNECTION_STRING}, or create it with imagectl schema"
        )
    with cursor(found) as opened:
        yield opened


def query(statement: str, parameters: Iterable[Any] = (), limit: int | None = None) -> list[Any]:
    """The rows of one statement, on a connection of its own; with ``limit`` it must end in ORDER BY."""
    with open_cursor() as opened:
        if limit is not None:
            statement = at_most(limit, statement, sqlite=is_sqlite(opened.connection))
        opened.execute(statement, *parameters)
        return list(opened.fetchall()) if opened.description else []
