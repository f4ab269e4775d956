"""``imagectl report``: one page that shows what is in the tables."""

import argparse
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from image_metadata.database.columns import Table
from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS
from imagectl.arguments import output_file
from imagectl.output.text import visible
from imagectl.pipeline.rows import open_cursor
from imagectl.pipeline.table_pages import pages_by_key, superseded
from imagectl.report.columns import (
    IMAGES,
    LOCATION,
    REJECTIONS,
    Column,
    TableData,
    history,
    sources,
    table_data,
)
from imagectl.report.page import ReportError, page
from imagectl.repository import REPOSITORY

if TYPE_CHECKING:
    import pyodbc

NOTES = (
    "The page holds its data and everything that draws it, and asks no server for anything: open it from disk, "
    "send it, or put it on a web site. It names every blob, so share it as you would share that list."
)
EXAMPLES = """
imagectl report images.html
imagectl report images.html --title 'Product photos' --with-location
"""

_MEBIBYTE = 1024**2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "out", type=output_file, metavar="OUT.html", help="the file to write; one that is there is replaced"
    )
    parser.add_argument("--title", default="Image metadata report", help="the page's heading (default: %(default)s)")
    parser.add_argument(
        "--with-location", action="store_true", help="include latitude and longitude, which are left out otherwise"
    )


def run(arguments: argparse.Namespace) -> int:
    with open_cursor() as cursor:
        read_at = int(datetime.now(UTC).timestamp())
        location = LOCATION if arguments.with_location else ()
        images = _read(cursor, IMAGE_METADATA, (*IMAGES, history(superseded(cursor)), *location))
        rejections = _read(cursor, IMAGE_REJECTIONS, REJECTIONS)
    data = f'{{"read_at":{read_at},"images":{images.json},"rejections":{rejections.json}}}'
    text = page(data, arguments.title, REPOSITORY / "node_modules")
    _write(arguments.out, text)
    noun = "row" if images.rows == 1 else "rows"
    size = f"{len(text.encode()) / _MEBIBYTE:.1f} MB"
    print(f"{visible(str(arguments.out))}: {images.rows:,} {noun} of images, {rejections.rows:,} of rejections, {size}")
    return 0


def _read(cursor: "pyodbc.Cursor", table: Table, columns: Sequence[Column]) -> TableData:
    return table_data(columns, pages_by_key(cursor, table.name, sources(columns)))


def _write(file: Path, text: str) -> None:
    """Write the file as a whole or not at all; a pipe or device is written to as it is."""
    try:
        target = file.resolve()
        if target.exists() and not target.is_file():
            target.write_text(text, encoding="utf-8", newline="\n")
            return
        with tempfile.TemporaryDirectory(prefix=".imagectl-", dir=target.parent) as folder:
            # A file of Path.open has the permissions that the user's umask gives, one of tempfile only the owner's.
            complete = Path(folder) / target.name
            complete.write_text(text, encoding="utf-8", newline="\n")
            complete.replace(target)
    except OSError as error:
        raise ReportError(
            f"expected to write {visible(str(file))}, found: {error.strerror}; name a file in a folder that is there "
            "and that you may write to"
        ) from None
