"""Deletion from the tables, in batches; it needs the permission DELETE, which the app's own user does not have."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from image_metadata.database.tables import BLOB_OBSERVATIONS, UPLOAD_TABLES
from imagectl.pipeline.rows import open_cursor

if TYPE_CHECKING:
    import pyodbc

_AT_ONCE = 500


def delete_uploads(upload_ids: Sequence[str]) -> int:
    """Delete the rows of the uploads from both tables, each batch in one transaction; their triggers delete the keys.

    Raises:
        TransientDatabaseError: the database refuses; the batches before stay deleted.
    """
    deleted = 0
    with open_cursor() as opened:
        for batch in _batches(upload_ids):
            opened.execute("BEGIN TRANSACTION")
            deleted += sum(_delete(opened, table.name, "upload_id", batch) for table in UPLOAD_TABLES)
            opened.execute("COMMIT TRANSACTION")
    return deleted


def delete_observations(blob_ids: Sequence[str]) -> int:
    """Delete what was observed of the blobs.

    Raises:
        TransientDatabaseError: the database refuses; the batches before stay deleted.
    """
    with open_cursor() as opened:
        return sum(_delete(opened, BLOB_OBSERVATIONS.name, "blob_id", batch) for batch in _batches(blob_ids))


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _delete(opened: "pyodbc.Cursor", table: str, column: str, ids: Sequence[str]) -> int:
    marks = ",".join("?" * len(ids))
    opened.execute(f"DELETE FROM {table} WHERE {column} IN ({marks})", *ids)  # noqa: S608  # names of this project
    return max(0, int(opened.rowcount))
