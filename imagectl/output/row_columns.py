"""How the tables of the database are shown: which of their columns are the main ones."""

from collections.abc import Mapping
from typing import Any

from image_metadata.database.columns import Table
from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS
from imagectl.output.records import Column
from imagectl.pipeline.rows import column_names

_MAIN = {
    IMAGE_METADATA.name: ("file_name", "file_size_kb", "width", "height", "format", "orientation", "taken_at"),
    IMAGE_REJECTIONS.name: ("file_name", "file_size_kb", "reason", "detail"),
}
_NUMBERS = frozenset(("file_size_kb", "width", "height", "orientation"))


def row_columns(table: Table) -> list[Column]:
    main = _MAIN[table.name]
    return [Column(name, name in main, name in _NUMBERS) for name in column_names(table)]


def for_reading(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with ``taken_at`` as people write it."""
    taken_at = row.get("taken_at")
    return {**row, "taken_at": taken_at and str(taken_at).replace("T", " ").removesuffix(".000")}
