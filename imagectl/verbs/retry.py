"""``imagectl retry``: restart what failed and redeliver poison messages."""

import argparse
import time
from collections import Counter
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial

from image_metadata.instance_status import LIVE
from image_metadata.intake import CONTAINER
from image_metadata.model import RejectionReason
from image_metadata.storage import blobs
from image_metadata.text import printable
from imagectl.errors import interrupt_says
from imagectl.output.columns import Column, Kind
from imagectl.output.options import add_output_arguments, output_options
from imagectl.output.progress import open_ended_progress
from imagectl.output.records import Records
from imagectl.pipeline.bounded_start import add_max_running, start_all
from imagectl.pipeline.durable_api import UNSUCCESSFUL, DurableApp, Instance, add_app_arguments, app_from
from imagectl.pipeline.poison_queue import Poison, PoisonMessages, peek_poison, poison_queues
from imagectl.reextraction.run import reextract
from imagectl.reextraction.selection import Selection

NOTES = (
    "Poison messages start what the trigger would start now. With --rejected it does what imagectl reextract "
    "--all --rejected does."
)
EXAMPLES = """
imagectl retry --dry-run
imagectl retry
imagectl retry --waiting
imagectl retry --rejected unsupported_format
"""

_COLUMNS = (Column("kind"), Column("result"), Column("blob", Kind.BLOB), Column("id", is_main=False))

_RESTARTS_AT_ONCE = 8
_TERMINATED_SECONDS = 30
_LOOK_AGAIN_SECONDS = 0.2

STARTED = "started"
ACTIVE = "active or stored already"
DELETED = "deleted before it was read"
WOULD_START = "would start"


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one retry; ``kind`` is ``failed``, ``waiting`` or ``poisoned``."""

    kind: str
    result: str
    blob: str
    id: str = ""


@dataclass
class Tally:
    """Results by kind."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __str__(self) -> str:
        parts = (f"{count:,} {kind}: {result}" for (kind, result), count in sorted(self.counts.items()))
        return "; ".join(parts) or "nothing to retry"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--rejected",
        choices=[reason.value for reason in RejectionReason],
        metavar="REASON",
        help=f"instead: re-extract the rejections with this reason ({', '.join(RejectionReason)})",
    )
    which.add_argument(
        "--waiting",
        action="store_true",
        help="also restart orchestrations between two attempts, which can be an hour apart; use it after an outage",
    )
    parser.add_argument("--dry-run", action="store_true", help="change nothing; show everything that would be started")
    add_max_running(parser)
    add_app_arguments(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    if arguments.rejected:
        return reextract(Selection(reason=arguments.rejected), arguments)
    options, app, tally = output_options(arguments), app_from(arguments), Tally()
    results = _foreseen(app, arguments.waiting) if arguments.dry_run else _results(app, arguments)
    with ExitStack() as stack:
        stack.enter_context(interrupt_says(lambda: tally))
        records = stack.enter_context(Records(_COLUMNS, options))
        progress = stack.enter_context(open_ended_progress(options))
        # Closed also on Ctrl-C, so that poison messages are visible again.
        stack.enter_context(closing(results))
        task = progress.add_task("Retry", total=None, note="")
        for result in results:
            tally.counts[result.kind, result.result] += 1
            progress.update(task, note=str(tally))
            records.write({name: getattr(result, name) for name in Result.__slots__})
    options.note(f"{tally}.".capitalize())
    return 0


def _foreseen(app: DurableApp, waiting: bool) -> Generator[Result]:
    """What would be started; of the poison messages those that can be seen without taking them, 32 at most."""
    for instance in app.instances(UNSUCCESSFUL):
        yield Result("failed", WOULD_START, instance.blob, instance.id)
    for message in peek_poison():
        yield Result("poisoned", WOULD_START, _blob(message.name))
    for instance in _waiting(app) if waiting else ():
        yield Result("waiting", WOULD_START, instance.blob, instance.id)


def _results(app: DurableApp, arguments: argparse.Namespace) -> Generator[Result]:
    if arguments.waiting:
        yield from retry_waiting(app)
    yield from retry_failed(app, arguments.max_running)
    yield from retry_poison(app, arguments.max_running)


def retry_failed(app: DurableApp, max_running: int) -> Iterator[Result]:
    """Start every Failed, Terminated and Canceled instance again, with its id and input."""
    # The listing is finished first: a page may shift while its instances are restarted.
    listed = [(instance.id, instance.blob) for instance in app.instances(UNSUCCESSFUL)]
    for (instance_id, blob), result in start_all(app, listed, lambda each: _restart(app, each[0]), max_running):
        yield Result("failed", result, blob, instance_id)


def retry_waiting(app: DurableApp) -> Iterator[Result]:
    """Terminate what waits for its next attempt, and start it again; killed in between, `retry` starts it."""
    waiting = list(_waiting(app))
    with ThreadPoolExecutor(_RESTARTS_AT_ONCE) as pool:
        for instance, result in zip(waiting, pool.map(partial(_restart_waiting, app), waiting), strict=True):
            yield Result("waiting", result, instance.blob, instance.id)


def retry_poison(app: DurableApp, max_running: int) -> Iterator[Result]:
    """Start for each poison message what the trigger would start now, then delete the message."""
    with PoisonMessages(poison_queues()) as messages:
        for message, result in start_all(app, messages, lambda each: _deliver(app, each), max_running):
            messages.delete(message)
            yield Result("poisoned", result, _blob(message.name))


def _restart(app: DurableApp, instance_id: str) -> str:
    instance = app.find(instance_id)
    if instance is None or instance.status not in UNSUCCESSFUL:
        return ACTIVE
    return _started(app.start_again(instance.id, instance.input))


def _waiting(app: DurableApp) -> Iterator[Instance]:
    """Live instances whose present step has failed at least once."""
    return (each for each in app.instances(LIVE) if each.step and app.attempts(each.id, each.step))


def _restart_waiting(app: DurableApp, instance: Instance) -> str:
    app.terminate(instance.id, "restarted by imagectl retry --waiting")
    deadline = time.monotonic() + _TERMINATED_SECONDS
    while (ended := app.find(instance.id)) is not None and ended.status in LIVE:
        if time.monotonic() > deadline:
            return ACTIVE
        time.sleep(_LOOK_AGAIN_SECONDS)
    return _restart(app, instance.id)


def _deliver(app: DurableApp, poison: Poison) -> str:
    upload = blobs.current_upload(CONTAINER, poison.name)
    if upload is None:
        return DELETED
    instance = app.find(upload.id)
    return _started((instance is None or not instance.is_active_or_stored) and app.start(upload))


def _started(started: bool) -> str:
    return STARTED if started else ACTIVE


def _blob(name: str) -> str:
    return printable(f"{CONTAINER}/{name}")
