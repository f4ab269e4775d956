"""Queries of the tables, each on a connection of its own: a command may wait for hours between two of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from image_metadata import settings
from image_metadata.database.columns import Table
from image_metadata.database.connections import cursor, driver
from image_metadata.database.statements import at_most
from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS

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


def newest_rows(table: Table, limit: int) -> list[dict[str, Any]]:
    """The rows stored last, newest first, each as value by column; a moment is ISO 8601 text, as in the payloads."""
    columns = column_names(table)
    statement = f"SELECT {', '.join(columns)} FROM {table.name} ORDER BY stored_at DESC, upload_id DESC"  # noqa: S608  # our own names
    return [dict(zip(columns, map(_in_iso_8601, row), strict=True)) for row in query(statement, limit=limit)]


def states(table: Table, blob_id: str) -> list[dict[str, Any]]:
    """The rows of all states of one blob."""
    columns = column_names(table)
    found = query(f"SELECT {', '.join(columns)} FROM {table.name} WHERE blob_id = ?", [blob_id])  # noqa: S608  # our own names
    return [dict(zip(columns, map(_in_iso_8601, row), strict=True)) for row in found]


def column_names(table: Table) -> list[str]:
    return list(table.columns)


def _in_iso_8601(value: Any) -> Any:
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value


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


def query(statement: str, parameters: Iterable[Any] = (), limit: int | None = None) -> list[Any]:
    """The rows of one statement, on a connection of its own; with ``limit`` it must end in ORDER BY."""
    with cursor(settings.sql()) as opened:
        if limit is not None:
            is_sqlite = opened.connection.getinfo(driver().SQL_DBMS_NAME) == "SQLite"
            statement = at_most(limit, statement, sqlite=is_sqlite)
        opened.execute(statement, *parameters)
        return list(opened.fetchall()) if opened.description else []
