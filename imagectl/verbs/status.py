"""``imagectl status``: one look at the whole pipeline."""

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from imagectl.arguments import duration, positive
from imagectl.errors import ExitStatus
from imagectl.output.columns import Column, Kind
from imagectl.output.options import OutputOptions, add_output_arguments, output_options
from imagectl.output.records import Records
from imagectl.output.text import has_color
from imagectl.pipeline.ages import age_text
from imagectl.pipeline.durable_api import DurableApp, add_app_arguments, app_from
from imagectl.pipeline.health import Health, look

NOTES = (
    "Each count comes with the reason and the next move. Exit status 1 when action is required, 3 when a place "
    "could not be asked; the others are shown all the same, and a count that is not known is empty, in JSON null. "
    "A blob without a row, rejection or orchestration is new within --grace. It is queued while it may be among the "
    "events that wait in the queue, or while half of the uploads that were stored in the last two minutes had waited "
    "at least half as long. Otherwise it was missed and counts as unprocessed."
)
EXAMPLES = """
imagectl status
imagectl status --watch 10
imagectl status --output json
FUNCTIONS_KEY=… imagectl status --url https://NAME.azurewebsites.net
"""

_COLUMNS = (Column("what"), Column("count", Kind.NUMBER), Column("note", Kind.SENTENCE))
_NOT_ASKED = "not asked"
_CLEAR = "\x1b[2J\x1b[H"

_Line = tuple[str, int | None, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--grace",
        type=duration,
        default="10m",
        metavar="AGE",
        help="blobs younger than this may still be announced, so they are not unprocessed yet (default: %(default)s)",
    )
    parser.add_argument(
        "--stuck-after",
        type=duration,
        default="1h",
        metavar="AGE",
        help="an orchestration is stuck when it is so much older than its retries explain (default: %(default)s)",
    )
    parser.add_argument(
        "--watch", type=positive, metavar="SECONDS", help="look again and again, with a pause of this length"
    )
    add_app_arguments(parser)
    add_output_arguments(parser)
    parser.add_argument("--json", action="store_const", const="json", dest="output", help="the same as --output json")


def run(arguments: argparse.Namespace) -> int:
    options = output_options(arguments)
    app = app_from(arguments)
    while True:
        status = _show(app, arguments.grace, arguments.stuck_after, options)
        if not arguments.watch:
            return status
        time.sleep(arguments.watch)
        if has_color() and options.format == "table":
            print(_CLEAR, end="")


def _show(app: DurableApp, grace: timedelta, stuck_after: timedelta, options: OutputOptions) -> ExitStatus:
    health = look(app, grace, stuck_after)
    if options.format == "json":
        print(json.dumps(_as_object(health), ensure_ascii=False), flush=True)
    else:
        with Records(_COLUMNS, options) as records:
            for what, count, note in _lines(health):
                records.write({"what": what, "count": count, "note": note})
    if health.not_asked:
        return ExitStatus.UNREACHABLE
    return ExitStatus.ATTENTION if health.needs_attention else ExitStatus.DONE


def _lines(health: Health) -> Iterator[_Line]:
    yield _line("blobs", health.blobs)
    yield _line("rows", health.rows)
    yield _line("rejections", _total(health.rejections), _counts(health.rejections))
    yield _line("running", health.running, _oldest(health))
    if health.stuck:
        yield ("stuck", len(health.stuck), f"older than retries explain: {health.stuck[0]}; imagectl show tells more")
    yield _line("new", health.new, "uploaded a moment ago")
    yield _line("queued", health.queued, "the app has not come to them yet")
    yield _line("inaccessible", health.inaccessible, "archived, or encrypted with a customer-provided key")
    yield _line("failed", _total(health.failed), f"{_counts(health.failed)}; imagectl failures, then imagectl retry")
    yield _line("poison messages", health.poison, "the trigger failed on every delivery; imagectl retry")
    yield _line("unprocessed", health.unprocessed, "nothing is under way; imagectl backfill")
    yield from (("", None, name) for name in health.examples or ())
    yield ("reconciliation", None, _reconciled(health))
    yield from (("warning", None, sentence) for sentence in health.warnings)
    yield from ((_NOT_ASKED, None, sentence) for sentence in health.not_asked)


def _line(what: str, count: int | None, note: str = "") -> _Line:
    """The note explains a count; zero needs none."""
    if count is None:
        return (what, None, _NOT_ASKED)
    return (what, count, note if count else "")


def _total(counts: Mapping[str, int] | None) -> int | None:
    return None if counts is None else sum(counts.values())


def _counts(counts: Mapping[str, int] | None) -> str:
    return ", ".join(f"{reason} {count:,}" for reason, count in sorted((counts or {}).items()))


def _oldest(health: Health) -> str:
    oldest = health.oldest
    if oldest is None:
        return ""
    age = age_text(datetime.now(UTC) - oldest.created_at)
    return f"the oldest for {age}, at {oldest.step or 'its start'}: {oldest.blob}"


def _reconciled(health: Health) -> str:
    last = health.reconciliation
    if last is None:
        return _NOT_ASKED if health.rows is None else "none yet"
    age = age_text(datetime.now(UTC) - datetime.fromisoformat(last.ended_at).replace(tzinfo=UTC))
    return f"{age} ago: {last.started:,} started, {last.errors:,} errors"


def _as_object(health: Health) -> dict[str, Any]:
    oldest, last = health.oldest, health.reconciliation
    return vars(health) | {
        "failed": _total(health.failed),
        "failed_by_code": health.failed,
        "oldest": oldest and {"id": oldest.id, "blob": oldest.blob, "step": oldest.step, "created": oldest.created},
        "reconciliation": last and {"ended_at": last.ended_at, "started": last.started, "errors": last.errors},
    }
