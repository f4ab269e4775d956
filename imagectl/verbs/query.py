"""``imagectl query``: rows of the tables."""

import argparse
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from image_metadata.database.columns import Table
from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS
from image_metadata.timestamps import utc_text
from imagectl.arguments import moment, positive
from imagectl.errors import UsageError
from imagectl.output.options import OutputOptions, add_output_arguments, output_options
from imagectl.output.records import Records
from imagectl.output.row_columns import row_columns
from imagectl.pipeline import row_filters
from imagectl.pipeline.row_pages import Condition, Order, pages
from imagectl.pipeline.rows import column_names, open_cursor

NOTES = "The newest rows come first unless --sort says otherwise."
EXAMPLES = """
imagectl query
imagectl query --name '2026/*.jpg' --min-width 4000 --sort width:desc --limit 100
imagectl query --taken-since 2026-06-01 --camera canon --output csv > canon.csv
imagectl query --duplicates --current --limit all --output ndjson | jq .file_name
imagectl query --rejections --since 2d
"""

_LIMIT = 20
_VIEW = "CurrentImages"
_SORTABLE = {
    IMAGE_METADATA.name: (
        *("file_name", "file_size_kb", "width", "height", "format"),
        *("camera_model", "taken_at", "uploaded_at", "stored_at"),
    ),
    IMAGE_REJECTIONS.name: ("file_name", "file_size_kb", "reason", "uploaded_at", "stored_at"),
}
_IMAGES_ONLY = (
    *("image_format", "min_width", "min_height", "max_width", "max_height"),
    *("taken_since", "camera", "duplicates", "current"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rejections", action="store_true", help=f"the rows of {IMAGE_REJECTIONS.name}, not of {IMAGE_METADATA.name}"
    )
    _add_filters(parser.add_argument_group("which rows (all that are given must hold)"))
    parser.add_argument(
        "--sort",
        default="stored_at:desc",
        metavar="COLUMN",
        help="order by this column; COLUMN:desc from the largest down (default: %(default)s)",
    )
    parser.add_argument(
        "--limit", type=_limit, default=_LIMIT, metavar="N", help="N rows at most, or all (default: %(default)s)"
    )
    add_output_arguments(parser)


def _add_filters(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--name", metavar="GLOB", help="names that match: * and ? match any characters, / included")
    group.add_argument("--reason", help="with --rejections: this reason only")
    group.add_argument("--image-format", metavar="NAME", help="JPEG, PNG, HEIF, …")
    for side in ("width", "height"):
        group.add_argument(f"--min-{side}", type=positive, metavar="PIXELS", help=f"at least this stored {side}")
        group.add_argument(f"--max-{side}", type=positive, metavar="PIXELS", help=f"at most this stored {side}")
    group.add_argument(
        "--min-size", type=positive, metavar="KB", help="at least this file size, in units of 1,024 bytes"
    )
    group.add_argument("--since", type=moment, metavar="WHEN", help="stored at or after: 2026-11-22, or 2d ago")
    group.add_argument("--taken-since", type=moment, metavar="WHEN", help="taken at or after, by the camera's clock")
    group.add_argument("--camera", metavar="TEXT", help="make or model contains this, in upper or lower case")
    group.add_argument("--duplicates", action="store_true", help="content that another blob has, too")
    group.add_argument("--current", action="store_true", help="only the newest state of each blob")


def run(arguments: argparse.Namespace) -> int:
    options = output_options(arguments)
    table = IMAGE_REJECTIONS if arguments.rejections else IMAGE_METADATA
    conditions, order = list(_conditions(arguments)), _order(arguments.sort, table)
    source = _VIEW if arguments.current else table.name
    with open_cursor() as opened:
        found = pages(opened, source, column_names(table), conditions, order)
        name = arguments.name
        matches = row_filters.name_matcher(name) if name else lambda _name: True
        with closing(row_filters.matching(found, matches)) as rows:
            _print(rows, table, arguments.limit, options)
    return 0


def _print(rows: Iterator[dict[str, Any]], table: Table, limit: int | None, options: OutputOptions) -> None:
    count = 0
    with Records(row_columns(table), options) as records:
        for count, row in enumerate(islice(rows, limit), 1):  # noqa: B007  # used below
            records.write(row)
    if count == 0:
        options.note(f"No row of {table.name} matches.")
    elif count == limit and next(rows, None):
        options.note(f"The first {count:,}; there are more, --limit all shows them.")


def _conditions(arguments: argparse.Namespace) -> Iterator[Condition]:
    if arguments.rejections and any(getattr(arguments, name) for name in _IMAGES_ONLY):
        given = next(name for name in _IMAGES_ONLY if getattr(arguments, name))
        raise UsageError(f"--{given.replace('_', '-')} goes with images, not with --rejections; leave one of them out")
    if arguments.reason and not arguments.rejections:
        raise UsageError("--reason goes with --rejections; add it, or leave --reason out")
    if arguments.name:
        yield row_filters.name_like(arguments.name)
    if arguments.reason:
        yield row_filters.equals("reason", arguments.reason)
    if arguments.image_format:
        yield row_filters.equals("format", arguments.image_format.upper())
    yield from _ranges(arguments)
    if arguments.camera:
        yield row_filters.contains(("camera_make", "camera_model"), arguments.camera)
    if arguments.duplicates:
        yield row_filters.DUPLICATES


def _ranges(arguments: argparse.Namespace) -> Iterator[Condition]:
    lower = {"width": arguments.min_width, "height": arguments.min_height, "file_size_kb": arguments.min_size}
    upper = {"width": arguments.max_width, "height": arguments.max_height}
    moments = {"stored_at": arguments.since, "taken_at": arguments.taken_since}
    yield from (row_filters.at_least(column, value) for column, value in lower.items() if value)
    yield from (row_filters.at_most(column, value) for column, value in upper.items() if value)
    yield from (row_filters.at_least(column, _text(value)) for column, value in moments.items() if value)


def _text(when: datetime | timedelta) -> str:
    """As the tables hold it: in UTC without a zone, with milliseconds."""
    return utc_text(datetime.now(UTC) - when if isinstance(when, timedelta) else when)


def _order(text: str, table: Table) -> Order:
    column, _, direction = text.partition(":")
    if direction not in {"", "asc", "desc"} or column not in _SORTABLE[table.name]:
        raise UsageError(
            f"expected --sort to be one of {', '.join(_SORTABLE[table.name])}, found {text!r}; "
            "put :desc behind it for the largest first"
        )
    return Order(column, descending=direction == "desc")


def _limit(text: str) -> int | None:
    return None if text == "all" else positive(text)
