"""Start what is in the container and has no row, straight through the durable API."""

import argparse
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from imagectl.pipeline.bounded_start import add_max_running, start_all
from imagectl.pipeline.durable_api import DurableApp, add_app_arguments, app_from
from imagectl.pipeline.inventory import Blob, Images, images, pages, without_row

HELP = "compare container and tables, and start what has no row"

_FIRST_NAMES = 10


@dataclass
class Tally:
    """What a backfill has seen and done so far.

    Attributes:
        missing: blobs without a row that can be read.
        running: those of them whose orchestration was live already.
        archived: blobs without a row that are offline; a later backfill finds them once they are not.
        names: the first few missing ones.
    """

    blobs: int = 0
    missing: int = 0
    started: int = 0
    running: int = 0
    archived: int = 0
    names: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.blobs:,} blobs: {self.missing:,} without a row ({self.started:,} started, "
            f"{self.running:,} running already), {self.archived:,} archived"
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--prefix", default="", metavar="P", help="only blobs whose names begin with P")
    parser.add_argument("--dry-run", action="store_true", help="only say what has no row")
    add_max_running(parser)
    add_app_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    app = None if arguments.dry_run else app_from(arguments)
    tally = Tally()
    columns = (BarColumn(20), TimeElapsedColumn(), TextColumn("{task.fields[tally]}"))
    with Progress(*columns, console=Console(stderr=True)) as progress:
        progress.add_task("Backfill", total=None, tally=tally)
        backfill(images(), app, tally, prefix=arguments.prefix, max_running=arguments.max_running)
    print(tally)
    if arguments.dry_run:
        print(*tally.names, sep="\n")
    return 0


def backfill(source: Images, app: DurableApp | None, tally: Tally, *, prefix: str, max_running: int) -> None:
    """Start every blob without a row; only count them when there is no app.

    The instance's id is the upload's, so running this again, at once or after a kill, starts nothing twice.

    Raises:
        TransientStorageError, TransientDatabaseError, DurableApiError: what was started until then stays started.
    """
    missing = _missing(source, prefix, tally)
    if app is None:
        deque(missing, maxlen=0)
        return
    for _, started in start_all(app, missing, lambda blob: app.start(blob.upload), max_running):
        tally.started += started
        tally.running += not started


def _missing(source: Images, prefix: str, tally: Tally) -> Iterator[Blob]:
    for page in pages(source, prefix):
        tally.blobs += len(page)
        for blob in without_row(page):
            if blob.archived:
                tally.archived += 1
                continue
            tally.missing += 1
            if len(tally.names) < _FIRST_NAMES:
                tally.names.append(str(blob.upload))
            yield blob
