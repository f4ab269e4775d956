"""The one look: what is uploaded, what is stored, what is under way, and what needs a person."""

import argparse
import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from image_metadata.instance_status import LIVE
from imagectl.arguments import duration
from imagectl.pipeline.durable_api import UNSUCCESSFUL, DurableApp, add_app_arguments, app_from
from imagectl.pipeline.inventory import Blob, Images, images
from imagectl.pipeline.poison_queue import count_poison, poison_queue
from imagectl.pipeline.rows import count_rows
from imagectl.pipeline.unprocessed import Unprocessed

HELP = "one look at the whole pipeline; exit status 1 when something needs a person"

_FIRST_NAMES = 10


@dataclass
class Report:
    """What `status` found; all but names and reasons are counts.

    Attributes:
        rows: in ImageMetadata.
        rejections: rows in ImageRejections by reason.
        running: live orchestrations, those between two attempts included.
        failed: orchestrations that failed, or were terminated or canceled; `imagectl retry` restarts them.
        waiting: blobs that are archived or encrypted with a customer's key: nothing can be done until that changes.
        poison: messages of this app among the first 32 in the poison queue; one behind them shows as lost.
        arriving: blobs without a row that were uploaded a moment ago and may not have been announced yet.
        lost: blobs without a row that nothing is under way for; `imagectl backfill` starts them.
        lost_names: the first few of them.
    """

    blobs: int = 0
    rows: int = 0
    rejections: dict[str, int] = field(default_factory=dict)
    running: int = 0
    failed: int = 0
    waiting: int = 0
    poison: int = 0
    arriving: int = 0
    lost: int = 0
    lost_names: list[str] = field(default_factory=list)

    @property
    def needs_a_person(self) -> bool:
        return bool(self.failed or self.poison or self.lost)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print it as one JSON object")
    parser.add_argument(
        "--grace",
        type=duration,
        default="10m",
        metavar="AGE",
        help="blobs younger than this may still be announced, so they are not lost yet (default: %(default)s)",
    )
    add_app_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    report = look(app_from(arguments), images(), datetime.now(UTC) - arguments.grace)
    if arguments.json:
        print(json.dumps(asdict(report), ensure_ascii=False))
    else:
        Console(highlight=False).print(_table(report))
    return int(report.needs_a_person)


def look(app: DurableApp, source: Images, arrived_after: datetime) -> Report:
    """Look everywhere, changing nothing; memory grows with the orchestrations that are not completed, not with blobs.

    Raises:
        TransientStorageError, TransientDatabaseError, DurableApiError: one of the three did not answer.
    """
    # First the orchestrations, then the rows: one that ends in between has its row by then.
    report = Report()
    expected = {instance.id for instance in app.instances(LIVE)}
    report.running = len(expected)
    for instance in app.instances(UNSUCCESSFUL):
        if instance.is_inaccessible:
            report.waiting += 1
            expected.add(instance.id)
        else:
            report.failed += 1
    unprocessed = Unprocessed()
    for blob in unprocessed.list(source, known=expected):
        _place(report, blob, arrived_after)
    report.blobs = unprocessed.blobs
    report.waiting += unprocessed.archived
    rows = count_rows()
    report.rows, report.rejections = rows.images, rows.rejections
    report.poison = count_poison(poison_queue())
    return report


def _place(report: Report, blob: Blob, arrived_after: datetime) -> None:
    if blob.uploaded > arrived_after:
        report.arriving += 1
    else:
        report.lost += 1
        report.lost_names += [str(blob.upload)] if len(report.lost_names) < _FIRST_NAMES else []


def _table(report: Report) -> Table:
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in report.rejections.items())
    lines = (
        ("blobs", report.blobs, ""),
        ("rows", report.rows, ""),
        ("rejections", sum(report.rejections.values()), reasons),
        ("running", report.running, ""),
        ("arriving", report.arriving, "uploaded a moment ago"),
        ("waiting", report.waiting, "archived or encrypted with a customer's key"),
        ("failed", report.failed, "imagectl retry" if report.failed else ""),
        ("poison messages", report.poison, "imagectl retry" if report.poison else ""),
        ("without a row", report.lost, "imagectl backfill" if report.lost else ""),
    )
    table = Table(show_header=False, box=None)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    for name, count, note in lines:
        table.add_row(name, f"{count:,}", note)
    for name in report.lost_names:
        table.add_row("", "", Text(name))
    return table
