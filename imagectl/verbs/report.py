"""``imagectl report``: one page that shows what is in the tables."""

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from image_metadata import settings
from image_metadata.database.connections import cursor
from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS
from imagectl.pipeline.table_pages import pages_by_key, superseded
from imagectl.printing import visible
from imagectl.report.columns import IMAGES, LOCATION, REJECTIONS, history, sources, table_data
from imagectl.report.page import ReportError, page
from imagectl.repository import REPOSITORY

HELP = "write one self-contained page about every image and rejection: charts, lists, and a table to filter"

_MEBIBYTE = 1024**2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, metavar="OUT.html", help="the file to write; one that is there is replaced")
    parser.add_argument("--title", default="Image metadata report", help="the page's heading (default: %(default)s)")
    parser.add_argument(
        "--with-location", action="store_true", help="include latitude and longitude, which are left out otherwise"
    )
    parser.epilog = (
        "The page holds its data and everything that draws it, and asks no server for anything: open it from disk, "
        "send it, or put it on a web site. It names every blob, so share it as you would share that list. "
        "Example: imagectl report images.html --title 'Product photos'"
    )


def run(arguments: argparse.Namespace) -> int:
    data = _data(with_location=arguments.with_location)
    text = page(data, arguments.title, REPOSITORY / "node_modules")
    _write(arguments.out, text)
    rows, rejections = (data[table]["rows"] for table in ("images", "rejections"))
    size = len(text.encode()) / _MEBIBYTE
    noun = "row" if rows == 1 else "rows"
    print(f"{visible(str(arguments.out))}: {rows:,} {noun} of images, {rejections:,} of rejections, {size:.1f} MB")
    return 0


def _data(*, with_location: bool) -> dict[str, Any]:
    with cursor(settings.sql()) as open_cursor:
        columns = (*IMAGES, history(superseded(open_cursor)), *(LOCATION if with_location else ()))
        return {
            "read_at": int(datetime.now(UTC).timestamp()),
            "images": table_data(columns, pages_by_key(open_cursor, IMAGE_METADATA.name, sources(columns))),
            "rejections": table_data(REJECTIONS, pages_by_key(open_cursor, IMAGE_REJECTIONS.name, sources(REJECTIONS))),
        }


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
