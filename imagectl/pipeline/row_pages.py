"""Rows that meet conditions, in an order, a page at a time.

Each page is one statement that starts behind the last row of the page before, and is read to its end at once: memory
stays flat, also with drivers that hold a whole result, and no statement is open while the caller does something else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from image_metadata.database.statements import at_most
from image_metadata.timestamps import time_as_text
from imagectl.schema.dialects import is_sqlite

if TYPE_CHECKING:
    import pyodbc

NULLABLE = frozenset(("taken_at", "camera_model"))
"""Columns that rows can be ordered by and that may be absent."""

PAGE = 2000
_FIRST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Condition:
    """A part of a WHERE clause with its parameters."""

    sql: str
    parameters: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """By a column, then by ``upload_id``, both in one direction, so that one index gives it.

    NULL counts as the lowest value, as in SQLite and SQL Server.
    """

    column: str
    descending: bool

    def after(self, value: Any, upload_id: str) -> Condition:
        """Rows behind the one with this value and key."""
        beyond, null_follows = ("<", True) if self.descending else (">", False)
        if value is None:
            same = f"({self.column} IS NULL AND upload_id {beyond} ?)"
            return Condition(same if null_follows else f"({same} OR {self.column} IS NOT NULL)", (upload_id,))
        tie = f"({self.column} {beyond} ? OR ({self.column} = ? AND upload_id {beyond} ?))"
        if null_follows and self.column in NULLABLE:
            return Condition(f"({tie} OR {self.column} IS NULL)", (value, value, upload_id))
        # The first part says what the second one implies, as a range that an index can be searched for.
        return Condition(f"{self.column} {beyond}= ? AND {tie}", (value, value, value, upload_id))

    @property
    def sql(self) -> str:
        direction = "DESC" if self.descending else "ASC"
        return f"{self.column} {direction}, upload_id {direction}"


def pages(
    cursor: "pyodbc.Cursor", source: str, columns: Sequence[str], conditions: Sequence[Condition], order: Order
) -> Iterator[list[dict[str, Any]]]:
    """Rows of a table or view as values by column, a moment as ISO 8601 text.

    ``columns`` contain ``upload_id`` and the column of the order.

    Raises:
        pyodbc.Error: the database refuses.
    """
    sqlite = is_sqlite(cursor.connection)
    size, position = _FIRST_PAGE, None
    while True:
        where = [*conditions, *([position] if position else [])]
        clause = f"WHERE {' AND '.join(part.sql for part in where)}" if where else ""
        select = f"SELECT {', '.join(columns)} FROM {source} {clause} ORDER BY {order.sql}"  # noqa: S608  # values travel as parameters
        statement = at_most(size, select, sqlite=sqlite)
        found = cursor.execute(statement, *(value for part in where for value in part.parameters)).fetchall()
        rows = list(_as_values(found, columns, cursor.description))
        if rows:
            yield rows
        if len(rows) < size:
            return
        position = order.after(rows[-1][order.column], rows[-1]["upload_id"])
        size = PAGE


def _as_values(
    found: "Sequence[pyodbc.Row]", columns: Sequence[str], description: Sequence[Sequence[Any]]
) -> Iterator[dict[str, Any]]:
    """Each row as values by column; only the columns that hold times are looked at one by one."""
    times = [column for column, (_, kind, *_) in zip(columns, description, strict=True) if kind is datetime]
    for row in found:
        values = dict(zip(columns, row, strict=True))
        for column in times:
            values[column] = time_as_text(values[column])
        yield values
