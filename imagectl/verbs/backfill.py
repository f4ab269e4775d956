"""Start what is in the container and has no row, straight through the durable API."""

import argparse
import sys
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from imagectl.pipeline.bounded_start import add_max_running, start_all
from imagectl.pipeline.deleted_blobs import ListedBlobs, record_changes
from imagectl.pipeline.durable_api import DurableApp, add_app_arguments, app_from
from imagectl.pipeline.inventory import Images, images
from imagectl.pipeline.unprocessed import Unprocessed

HELP = "compare container and tables, and start what has no row"


@dataclass
class Tally:
    """What a backfill has started so far.

    Attributes:
        unprocessed: what it has listed.
        running: orchestrations that were live already.
    """

    unprocessed: Unprocessed = field(default_factory=Unprocessed)
    started: int = 0
    running: int = 0

    def __str__(self) -> str:
        return (
            f"{self.unprocessed.blobs:,} blobs: {self.unprocessed.readable:,} without a row ({self.started:,} started, "
            f"{self.running:,} running already), {self.unprocessed.archived:,} archived"
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--prefix", default="", metavar="P", help="only blobs whose names begin with P")
    parser.add_argument("--dry-run", action="store_true", help="only say what has no row")
    add_max_running(parser)
    add_app_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    tally = Tally()
    if arguments.dry_run:
        for blob in tally.unprocessed.list(images(), arguments.prefix):
            print(blob.upload)
        print(tally)
        return 0
    columns = (BarColumn(20), TimeElapsedColumn(), TextColumn("{task.fields[tally]}"))
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        progress.add_task("Backfill", total=None, tally=tally)
        if not arguments.prefix:
            tally.unprocessed.listed = ListedBlobs()
        backfill(images(), app_from(arguments), tally, prefix=arguments.prefix, max_running=arguments.max_running)
    print(tally)
    if tally.unprocessed.listed is not None:
        changes = record_changes(tally.unprocessed.listed)
        if changes.deleted or changes.returned:
            print(f"Blobs with a row: {changes.deleted:,} recorded as deleted, {changes.returned:,} as there again")
    return 0


def backfill(source: Images, app: DurableApp, tally: Tally, *, prefix: str, max_running: int) -> None:
    """Start every readable blob without a row.

    The instance's id is the upload's, so running this again, at once or after a kill, starts nothing twice.

    Raises:
        TransientStorageError, TransientDatabaseError, DurableApiError: what was started until then stays started.
    """
    unprocessed = tally.unprocessed.list(source, prefix)
    for _, started in start_all(app, unprocessed, lambda blob: app.start(blob.upload), max_running):
        tally.started += started
        tally.running += not started
