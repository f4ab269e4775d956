"""The options that say how a verb prints."""

import argparse
import sys
from dataclasses import dataclass

from imagectl.errors import UsageError
from imagectl.output.text import is_terminal

FORMATS = ("table", "tsv", "csv", "json", "ndjson")


@dataclass(frozen=True)
class OutputOptions:
    """How a verb prints.

    Attributes:
        format: one of ``FORMATS``.
        quiet: no progress, notes or summary on stderr; errors still are.
        for_excel: CSV with a byte-order mark in which no cell is taken for a formula.
    """

    format: str
    quiet: bool = False
    for_excel: bool = False

    def note(self, sentence: str) -> None:
        """Print a line on stderr unless quiet."""
        if not self.quiet and sys.stderr is not None:
            print(sentence, file=sys.stderr, flush=True)


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    group.add_argument(
        "--output",
        "--format",
        choices=FORMATS,
        help="table: main columns that fit the terminal; tsv: main columns between tabs, in which \\t, \\n, \\r "
        "and \\\\ stand for a tab, a line feed, a carriage return and a backslash; csv, json, ndjson: every column "
        "(default: table on a terminal, else tsv)",
    )
    group.add_argument(
        "--csv-for-excel", action="store_true", help="csv that Excel opens: UTF-8 is marked, no cell becomes a formula"
    )
    group.add_argument("-q", "--quiet", action="store_true", help="no progress, notes or summary on stderr")


def output_options(arguments: argparse.Namespace) -> OutputOptions:
    """Raises UsageError when two options name different formats."""
    if arguments.csv_for_excel and arguments.output not in {None, "csv"}:
        raise UsageError(f"--csv-for-excel is csv and does not go with {arguments.output}; leave one of them out")
    chosen = "csv" if arguments.csv_for_excel else arguments.output
    return OutputOptions(
        chosen or ("table" if is_terminal(sys.stdout) else "tsv"), arguments.quiet, arguments.csv_for_excel
    )
