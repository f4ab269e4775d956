"""What a column is, and how a value is made to fit one."""

import math
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

SqlValue: TypeAlias = str | int | float | bool | None
Row: TypeAlias = Mapping[str, SqlValue]
InputSize: TypeAlias = tuple[int, int, int]
"""ODBC type, size and scale of a parameter, as ``setinputsizes`` takes them."""

# ODBC's numbers for SQL_WVARCHAR, SQL_INTEGER, SQL_DOUBLE and SQL_BIT. A time travels as ISO 8601 text, which every
# database reads the same way; a size of 0 is NVARCHAR(MAX).
_TEXT = -9
_INPUT_SIZES = {
    "NVARCHAR(MAX)": (_TEXT, 0, 0),
    "DATETIME2(3)": (_TEXT, 23, 0),
    "INT": (4, 10, 0),
    "FLOAT": (8, 53, 0),
    "BIT": (-7, 1, 0),
}
_INT_LIMIT = 2**31


class Column(NamedTuple):
    """One column: INSERT statements, both SQL scripts, the views and ``docs/tables.md`` follow from it.

    Attributes:
        name: the same in every database; a row's value has this name too.
        type: ``NVARCHAR(n)``, ``NVARCHAR(MAX)``, ``INT``, ``FLOAT``, ``BIT`` or ``DATETIME2(3)``.
        meaning: one line for the documentation.
        since: version of the schema that added it.
        nullable: an added column always is: rows from before have no value.
        default_now: filled by the database with its own time, in UTC; the app never writes it.
    """

    name: str
    type: str
    meaning: str
    since: int = 1
    nullable: bool = True
    default_now: bool = False

    @property
    def input_size(self) -> InputSize:
        return _INPUT_SIZES.get(self.type) or (_TEXT, _units(self.type), 0)

    def fitted(self, value: SqlValue) -> SqlValue:
        """The value as this column can hold it, so that no value keeps a row from being stored.

        Text is cut to the column's UTF-16 units, a lone surrogate becomes ``?`` and a NUL U+FFFD; NaN, an infinity
        and an integer beyond 32 bits become NULL.
        """
        if isinstance(value, str):
            size = 2 * self.input_size[1]
            units = value.replace("\0", "\ufffd").encode("utf-16-le", "replace")
            return units[: size or None].decode("utf-16-le", "ignore")
        if isinstance(value, float) and not math.isfinite(value):
            return None
        if isinstance(value, int) and self.type == "INT" and not -_INT_LIMIT <= value < _INT_LIMIT:
            return None
        return value


class Table(NamedTuple):
    """One table, its columns by name and in their order.

    Attributes:
        meaning: one line for the documentation.
        since: version of the schema that added it.
        key: the column of the primary key; the first release's two tables have a unique index instead.
    """

    name: str
    meaning: str
    columns: Mapping[str, Column]
    since: int = 1
    key: str | None = None

    @property
    def written(self) -> tuple[Column, ...]:
        """The columns that an INSERT of the app names."""
        return tuple(column for column in self.columns.values() if not column.default_now)

    def parameters(self, row: Row) -> list[SqlValue]:
        """The values of ``written``, in its order; a column that the row does not name is NULL."""
        return [column.fitted(row.get(column.name)) for column in self.written]


class Statement(NamedTuple):
    """SQL text with the type of each parameter."""

    text: str
    input_sizes: tuple[InputSize, ...] = ()


def by_name(*columns: Column) -> dict[str, Column]:
    return {column.name: column for column in columns}


def _units(declared: str) -> int:
    """UTF-16 units that an ``NVARCHAR(n)`` holds."""
    return int(declared.removeprefix("NVARCHAR(").removesuffix(")"))
