"""The SQL that the app runs."""

from image_metadata.database.columns import Row, SqlValue, Statement, Table
from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS, SCHEMA_VERSIONS, UPLOAD_TABLES

_KEY = IMAGE_METADATA.columns["upload_id"]


def _insert_unless_stored(table: Table) -> Statement:
    """Insert one row unless the upload has one in either table; takes what ``insert_parameters`` gives.

    Two that run at the same moment both find no row. The tables' triggers insert the key in the same transaction,
    and the primary key of ``ProcessedUploads`` refuses the second.
    """
    names = ", ".join(column.name for column in table.written)
    markers = ", ".join("?" * len(table.written))
    absent = " AND ".join(f"NOT EXISTS (SELECT 1 FROM {each.name} WHERE upload_id = ?)" for each in UPLOAD_TABLES)  # noqa: S608  # names from this package
    return Statement(
        f"INSERT INTO {table.name} ({names}) SELECT {markers} WHERE {absent}",
        (*(column.input_size for column in table.written), *[_KEY.input_size] * len(UPLOAD_TABLES)),
    )


def insert_parameters(table: Table, row: Row) -> list[SqlValue]:
    return [*table.parameters(row), *[row[_KEY.name]] * len(UPLOAD_TABLES)]


INSERT_METADATA = _insert_unless_stored(IMAGE_METADATA)
INSERT_REJECTION = _insert_unless_stored(IMAGE_REJECTIONS)

FIND_ROW = Statement(
    f"SELECT 'metadata', NULL FROM {IMAGE_METADATA.name} WHERE upload_id = ? "  # noqa: S608  # names from this package
    f"UNION ALL SELECT 'rejection', reason FROM {IMAGE_REJECTIONS.name} WHERE upload_id = ?",
    (_KEY.input_size,) * len(UPLOAD_TABLES),
)
"""Kind and reason of the row that an upload has; takes the key once per table."""

READ_SCHEMA_VERSION = Statement(f"SELECT MAX(version) FROM {SCHEMA_VERSIONS.name}")  # noqa: S608  # a name from this package


def at_most(rows: int, select: str, *, sqlite: bool) -> str:
    """The same SELECT, which ends in ORDER BY, limited to the first rows; what is not asked for is not read."""
    return f"{select} LIMIT {rows}" if sqlite else f"{select} OFFSET 0 ROWS FETCH NEXT {rows} ROWS ONLY"
