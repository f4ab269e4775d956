"""How rows look in a terminal, and in a pipe or file, where nothing but text is printed."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from image_metadata.database.columns import Table
from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS

_WIDTH_OF_A_FILE = 110
_SHOWN = {
    IMAGE_METADATA.name: ("file_name", "file_size_kb", "width", "height", "format", "orientation", "taken_at"),
    IMAGE_REJECTIONS.name: ("file_name", "file_size_kb", "reason", "detail"),
}


def console() -> Console:
    return Console(width=None if sys.stdout.isatty() else _WIDTH_OF_A_FILE, highlight=False)


def row_table(table: Table, rows: Iterable[Mapping[str, Any]]) -> RichTable:
    """The main columns of rows of one table, which the database calls the same."""
    drawn = RichTable(title=table.name, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for column in _SHOWN[table.name]:
        is_number = table.columns[column].type in {"INT", "FLOAT"}
        drawn.add_column(column, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(_cell(row[column], table.columns[column].type)) for column in _SHOWN[table.name]))
    return drawn


def visible(text: str) -> str:
    """One line of text for a person: a blob may be called anything, and no escape sequence may reach the terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _cell(value: object, declared: str) -> str:
    if value is None:
        return ""
    if declared == "DATETIME2(3)":
        return str(value).replace("T", " ").removesuffix(".000")
    return f"{value:,.1f}" if isinstance(value, float) else visible(str(value))
