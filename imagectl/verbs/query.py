"""``imagectl query``: rows of the tables, newest first."""

import argparse
import csv
import json
import sys

from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS
from imagectl.arguments import positive
from imagectl.pipeline.rows import column_names, newest_rows
from imagectl.printing import console, row_table

HELP = "show the rows of a table, the newest first"

_LIMIT = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rejections", action="store_true", help=f"the rows of {IMAGE_REJECTIONS.name}, not of {IMAGE_METADATA.name}"
    )
    parser.add_argument(
        "--limit", type=positive, default=_LIMIT, metavar="N", help="N rows at most (default: %(default)s)"
    )
    parser.add_argument(
        "--format",
        choices=("table", "csv", "json"),
        default="table",
        help="a table of the main columns, or every column as CSV or JSON (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    table = IMAGE_REJECTIONS if arguments.rejections else IMAGE_METADATA
    rows = newest_rows(table, arguments.limit + 1)
    if len(rows) > arguments.limit:
        print(f"The newest {arguments.limit} rows; there are more: --limit", file=sys.stderr)
        rows = rows[: arguments.limit]
    match arguments.format:
        case "csv":
            writer = csv.DictWriter(sys.stdout, column_names(table), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        case "json":
            print(json.dumps(rows, indent=2, ensure_ascii=False))
        case _:
            console().print(row_table(table, rows) if rows else f"{table.name} has no row yet.")
    return 0
