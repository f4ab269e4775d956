"""The two tables as data: their columns, and the one statement that inserts a row where its key is absent.

``sql/sqlserver.sql`` and ``sql/sqlite.sql`` create them; a test holds the three together.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

SqlValue: TypeAlias = str | int | float | bool | None
Row: TypeAlias = Mapping[str, SqlValue]

# ODBC's numbers for SQL_WVARCHAR, SQL_INTEGER, SQL_DOUBLE and SQL_BIT, with size and scale, as
# setinputsizes takes them. A moment travels as ISO 8601 text, which every database reads the same way.
_INPUT_SIZES = {"DATETIME2(3)": (-9, 23, 0), "INT": (4, 10, 0), "FLOAT": (8, 53, 0), "BIT": (-7, 1, 0)}
_INT_LIMIT = 2**31


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL text with the type of each parameter: (ODBC type, size, scale)."""

    text: str
    input_sizes: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """What the app writes to one table.

    Attributes:
        columns: type by name, as declared in the scripts. ``stored_at`` is the database's own.
    """

    name: str
    columns: Mapping[str, str]

    def parameters(self, row: Row) -> list[SqlValue]:
        """The values for ``insert_if_absent``: the row's in the order of the columns, then its key for each table.

        What a column cannot hold is made to fit, so that it never blocks the row: text is cut to the column's
        UTF-16 units (a lone surrogate becomes ``?``, a NUL U+FFFD), and NaN, an infinity or an integer beyond
        32 bits becomes NULL.
        """
        return [*(_fitted(row.get(name), declared) for name, declared in self.columns.items()), *[row["upload_id"]] * 2]


_UPLOAD_COLUMNS = {
    "account": "NVARCHAR(64)",
    "container": "NVARCHAR(64)",
    "etag": "NVARCHAR(128)",
    "content_md5": "NVARCHAR(32)",
    "uploaded_at": "DATETIME2(3)",
    "content_type": "NVARCHAR(255)",
}

IMAGE_METADATA = Table(
    "ImageMetadata",
    {
        "file_name": "NVARCHAR(2048)",
        "file_size_kb": "FLOAT",
        "width": "INT",
        "height": "INT",
        "format": "NVARCHAR(32)",
        "upload_id": "NVARCHAR(64)",
        "blob_id": "NVARCHAR(64)",
        **_UPLOAD_COLUMNS,
        "content_type_matches": "BIT",
        "orientation": "INT",
        "display_width": "INT",
        "display_height": "INT",
        "color_mode": "NVARCHAR(16)",
        "bit_depth": "INT",
        "has_alpha": "BIT",
        "frame_count": "INT",
        "taken_at": "DATETIME2(3)",
        "taken_at_offset": "NVARCHAR(6)",
        "camera_make": "NVARCHAR(160)",
        "camera_model": "NVARCHAR(160)",
        "lens_model": "NVARCHAR(160)",
        "latitude": "FLOAT",
        "longitude": "FLOAT",
    },
)

IMAGE_REJECTIONS = Table(
    "ImageRejections",
    {
        "file_name": "NVARCHAR(2048)",
        "file_size_kb": "FLOAT",
        "reason": "NVARCHAR(32)",
        "detail": "NVARCHAR(1000)",
        "upload_id": "NVARCHAR(64)",
        **_UPLOAD_COLUMNS,
    },
)


def _input_size(declared: str) -> tuple[int, int, int]:
    return _INPUT_SIZES.get(declared) or (-9, _units(declared), 0)


def _units(declared: str) -> int:
    """UTF-16 units that an ``NVARCHAR(n)`` holds."""
    return int(declared.removeprefix("NVARCHAR(").removesuffix(")"))


def _fitted(value: SqlValue, declared: str) -> SqlValue:
    if isinstance(value, str):
        room = 2 * _input_size(declared)[1]
        units = value.replace("\0", "\ufffd").encode("utf-16-le", "replace")
        return units[:room].decode("utf-16-le", "ignore")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and declared == "INT" and not -_INT_LIMIT <= value < _INT_LIMIT:
        return None
    return value


_KEY = _input_size(IMAGE_METADATA.columns["upload_id"])


def _insert_if_absent(table: Table) -> Statement:
    columns, markers = ", ".join(table.columns), ", ".join("?" * len(table.columns))
    text = (
        f"INSERT INTO {table.name} ({columns}) SELECT {markers} "  # noqa: S608  # names from this module, values as parameters
        f"WHERE NOT EXISTS (SELECT 1 FROM {IMAGE_METADATA.name} WHERE upload_id = ?) "
        f"AND NOT EXISTS (SELECT 1 FROM {IMAGE_REJECTIONS.name} WHERE upload_id = ?)"
    )
    return Statement(text, (*map(_input_size, table.columns.values()), _KEY, _KEY))


INSERT_METADATA = _insert_if_absent(IMAGE_METADATA)
INSERT_REJECTION = _insert_if_absent(IMAGE_REJECTIONS)
FIND_KEY = Statement(
    "SELECT (SELECT COUNT(*) FROM ImageMetadata WHERE upload_id = ?)"
    " + (SELECT COUNT(*) FROM ImageRejections WHERE upload_id = ?)",
    (_KEY, _KEY),
)
