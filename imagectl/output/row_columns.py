"""How the tables of the database are shown: which of their columns are the main ones."""

from image_metadata.database.columns import Table
from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS
from imagectl.output.columns import Column, Kind
from imagectl.pipeline.rows import column_names

_MAIN = {
    IMAGE_METADATA.name: ("file_name", "file_size_kb", "width", "height", "format", "orientation", "taken_at"),
    IMAGE_REJECTIONS.name: ("file_name", "file_size_kb", "reason", "detail"),
}
_KINDS = {"file_name": Kind.NAME, "taken_at": Kind.MOMENT, "detail": Kind.SENTENCE} | dict.fromkeys(
    ("file_size_kb", "width", "height", "orientation"), Kind.NUMBER
)
_DROP = {"orientation": 4, "file_size_kb": 3, "taken_at": 2, "format": 1}


def row_columns(table: Table) -> list[Column]:
    main = _MAIN[table.name]
    return [Column(name, _KINDS.get(name, Kind.TEXT), name in main, _DROP.get(name, 0)) for name in column_names(table)]
