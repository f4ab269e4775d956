"""Trim the history of finished orchestrations; rows, rejections and blobs stay."""

import argparse
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import track

from imagectl.arguments import duration
from imagectl.pipeline.durable_api import UNSUCCESSFUL, DurableApp, add_app_arguments, app_from

HELP = "trim the history of finished orchestrations"

_SLICE = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--older-than", type=duration, required=True, metavar="AGE", help="created longer ago than 30d, 12h, 5m or 90s"
    )
    parser.add_argument(
        "--failed",
        action="store_true",
        help="also Failed, Terminated and Canceled ones: what imagectl retry would restart",
    )
    add_app_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    statuses = ("Completed", *(UNSUCCESSFUL if arguments.failed else ()))
    purged = purge(app_from(arguments), statuses, datetime.now(UTC) - arguments.older_than)
    print(f"Purged the history of {purged:,} orchestrations.")
    return 0


def purge(app: DurableApp, statuses: tuple[str, ...], before: datetime) -> int:
    """Purge in slices of time, since Azure cuts off a request after 230 s; returns how many were purged."""
    end = before.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    created = Counter(instance.created[:16] for instance in app.instances(statuses, created_to=end))
    slices = list(_slices(created))
    return sum(
        app.purge(statuses, f"{first}:00Z", min(f"{last}:59.9999999Z", end))
        for first, last in track(slices, "Purging", console=Console(stderr=True), disable=not slices)
    )


def _slices(created: Counter[str]) -> Iterator[tuple[str, str]]:
    """First and last minute of stretches of time in which about a thousand instances were created."""
    minutes = sorted(created)
    first, size = 0, 0
    for last, minute in enumerate(minutes):
        size += created[minute]
        if size >= _SLICE or last == len(minutes) - 1:
            yield minutes[first], minute
            first, size = last + 1, 0
