"""The rows of a table, a page at a time by its key: the SQLite driver holds a whole result in memory."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from image_metadata.database.statements import at_most
from imagectl.schema.dialects import is_sqlite

if TYPE_CHECKING:
    import pyodbc

_PAGE = 5000


def pages_by_key(
    cursor: "pyodbc.Cursor", table: str, columns: Sequence[str], size: int = _PAGE
) -> Iterator[Sequence[Sequence[Any]]]:
    """Every row, ``size`` to a page, ``upload_id`` the first of the columns.

    Rows that come meanwhile may be among them or not.
    """
    select = f"SELECT {', '.join(columns)} FROM {table} WHERE upload_id > ? ORDER BY upload_id"  # noqa: S608  # names from the caller's code
    statement = at_most(size, select, sqlite=is_sqlite(cursor.connection))
    last = ""
    while page := cursor.execute(statement, last).fetchall():
        yield page
        last = page[-1][0]


def superseded(cursor: "pyodbc.Cursor") -> set[str]:
    """Ids of the uploads whose rows ``CurrentImages`` leaves out."""
    found = cursor.execute("SELECT upload_id FROM ImageMetadata EXCEPT SELECT upload_id FROM CurrentImages")
    return {upload_id for (upload_id,) in found.fetchall()}
