"""``imagectl purge``: delete the history of finished orchestrations; rows, rejections and blobs stay."""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from image_metadata.timestamps import utc_text
from imagectl.arguments import duration
from imagectl.errors import UsageError, interrupt_says
from imagectl.output.columns import Column, Kind
from imagectl.output.options import OutputOptions, add_output_arguments, output_options
from imagectl.output.progress import count_progress
from imagectl.output.records import Records
from imagectl.pipeline.durable_api import UNSUCCESSFUL, DurableApp, Instance, add_app_arguments, app_from

NOTES = "Rows, rejections and blobs stay."
EXAMPLES = """
imagectl purge --older-than 30d --dry-run
imagectl purge --older-than 30d
"""

_SLICE = 1000
_YOUNG = timedelta(hours=1)
_COLUMNS = (Column("purged", Kind.NUMBER),)
_DRY = (
    Column("status"),
    Column("created", Kind.MOMENT, drop=1),
    Column("blob", Kind.BLOB),
    Column("id", is_main=False),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--older-than", type=duration, required=True, metavar="AGE", help="created longer ago than 30d, 12h, 5m or 90s"
    )
    parser.add_argument(
        "--failed",
        action="store_true",
        help="also Failed, Terminated and Canceled ones: what imagectl retry would restart",
    )
    parser.add_argument("--dry-run", action="store_true", help="delete nothing; show every orchestration that would go")
    parser.add_argument("--yes", action="store_true", help="needed for an age of less than an hour")
    add_app_arguments(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    options, app = output_options(arguments), app_from(arguments)
    if arguments.older_than < _YOUNG and not (arguments.yes or arguments.dry_run):
        raise UsageError(
            "expected --older-than of at least 1h, since what has just ended is looked at most; "
            "choose a longer age, or add --yes"
        )
    statuses = ("Completed", *(UNSUCCESSFUL if arguments.failed else ()))
    end = f"{utc_text(datetime.now(UTC) - arguments.older_than)}Z"
    if arguments.dry_run:
        _show_plan(app.instances(statuses, created_to=end), options)
        return 0
    purged = 0
    with interrupt_says(lambda: f"{purged:,} purged"), count_progress(options) as progress:
        slices = list(_slices(app, statuses, end))
        task = progress.add_task("Purging", total=len(slices), note="")
        for first, last in slices:
            purged += app.purge(statuses, f"{first}:00Z", min(f"{last}:59.9999999Z", end))
            progress.advance(task)
    with Records(_COLUMNS, options) as records:
        records.write({"purged": purged})
    return 0


def _show_plan(instances: Iterable[Instance], options: OutputOptions) -> None:
    count = 0
    with Records(_DRY, options) as records:
        for count, each in enumerate(instances, 1):  # noqa: B007  # used below
            records.write({"status": each.status, "created": each.created, "blob": each.blob, "id": each.id})
    options.note(f"{count:,} histories would be purged.")


def _slices(app: DurableApp, statuses: tuple[str, ...], end: str) -> Iterator[tuple[str, str]]:
    """First and last minute of spans in which about a thousand were created, since Azure ends a request after 230 s."""
    created = Counter(instance.created[:16] for instance in app.instances(statuses, created_to=end))
    minutes = sorted(created)
    first, size = 0, 0
    for last, minute in enumerate(minutes):
        size += created[minute]
        if size >= _SLICE or last == len(minutes) - 1:
            yield minutes[first], minute
            first, size = last + 1, 0
