"""``imagectl failures``: what failed, is inaccessible, poisoned or rejected, and why."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from image_metadata.intake import CONTAINER
from image_metadata.model import FailureCode
from image_metadata.timestamps import time_as_text, utc_text
from imagectl.arguments import positive
from imagectl.errors import ExitStatus
from imagectl.output.columns import Column, Kind
from imagectl.output.options import add_output_arguments, output_options
from imagectl.output.records import Records
from imagectl.pipeline.ages import attempts_allowed
from imagectl.pipeline.asking import ask
from imagectl.pipeline.durable_api import UNSUCCESSFUL, DurableApp, Instance, add_app_arguments, app_from
from imagectl.pipeline.poison_queue import peek_poison
from imagectl.pipeline.rejections import newest_rejections, rejection_groups

NOTES = (
    "Failures and rejections are shown in groups, or with --each one by one. Exit status 1 when something failed "
    "or is poisoned; rejections are results. Exit status 3 when a place could not be asked; the others are shown "
    "all the same."
)
EXAMPLES = """
imagectl failures
imagectl failures --each --output csv > failures.csv
imagectl failures --each --limit all
"""

_LIMIT = 100
_GROUPS = (
    *(Column("kind"), Column("reason"), Column("count", Kind.NUMBER)),
    *(Column("since", Kind.MOMENT, drop=1), Column("example", Kind.BLOB), Column("next", Kind.SENTENCE)),
)
_EACH = (
    *(Column("kind"), Column("reason"), Column("blob", Kind.BLOB), Column("attempts", Kind.NUMBER, drop=2)),
    *(Column("since", Kind.MOMENT, drop=1), Column("id", is_main=False), Column("detail", Kind.SENTENCE)),
)
_NEXT = {
    "failed": "imagectl retry",
    "inaccessible": "move the blob to an online tier, then imagectl retry",
    "poisoned": "imagectl retry",
    "rejected": "imagectl query --rejections",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One upload that has no metadata, or a group of them.

    Attributes:
        kind: ``failed``, ``inaccessible``, ``poisoned`` or ``rejected``.
        attempts: how often the step was tried; None where nothing says it.
        since: ISO 8601 in UTC: when it was announced, given up or stored; in a group the first time.
    """

    kind: str
    reason: str
    blob: str
    since: str
    attempts: int | None = None
    id: str | None = None
    detail: str | None = None
    count: int = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--each", action="store_true", help="one by one, not in groups")
    parser.add_argument(
        "--limit",
        type=lambda text: None if text == "all" else positive(text),
        default=_LIMIT,
        metavar="N",
        help="with --each: N rejections at most, or all (default: %(default)s)",
    )
    add_app_arguments(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    options, app = output_options(arguments), app_from(arguments)
    unsuccessful: list[Item] = []
    rejected: list[Item] = []
    not_asked: list[str] = []
    ask(lambda: unsuccessful.extend(_orchestrations(app)), not_asked)
    ask(lambda: unsuccessful.extend(_poisoned()), not_asked)
    if arguments.each:
        with Records(_EACH, options) as records:
            for item in unsuccessful:
                records.write(_each(item))
            ask(lambda: _write_rejected(records, arguments.limit), not_asked)
    else:
        ask(lambda: rejected.extend(_rejection_groups()), not_asked)
        groups = [*_grouped(unsuccessful), *rejected]
        with Records(_GROUPS, options) as records:
            for group in groups:
                shown = {name: getattr(group, name) for name in ("kind", "reason", "count", "since")}
                records.write({**shown, "example": group.blob, "next": _NEXT[group.kind]})
        if not groups and not not_asked:
            options.note("Nothing failed, and nothing was rejected.")
    for sentence in not_asked:
        print(f"imagectl: {sentence}", file=sys.stderr)
    if not_asked:
        return ExitStatus.UNREACHABLE
    needs_attention = any(item.kind != "inaccessible" for item in unsuccessful)
    return ExitStatus.ATTENTION if needs_attention else ExitStatus.DONE


def _each(item: Item) -> dict[str, Any]:
    return {name: getattr(item, name) for name in Item.__slots__}


def _write_rejected(records: Records, limit: int | None) -> None:
    for item in _rejected(limit):
        records.write(_each(item))


def _orchestrations(app: DurableApp) -> Iterator[Item]:
    return (_item(instance) for instance in app.instances(UNSUCCESSFUL))


def _item(instance: Instance) -> Item:
    kind = "inaccessible" if instance.code == FailureCode.INACCESSIBLE else "failed"
    attempts = attempts_allowed(instance.step) if instance.code == FailureCode.RETRIES_EXHAUSTED else None
    detail = str(instance.output or "").partition("failed: ")[2] or None
    return Item(kind, instance.code, instance.blob, instance.created, attempts, instance.id, detail)


def _poisoned() -> Iterator[Item]:
    for message in peek_poison():
        since = utc_text(message.inserted_on) if message.inserted_on else ""
        yield Item("poisoned", "not announced", f"{CONTAINER}/{message.name}", since, message.deliveries)


def _rejected(limit: int | None) -> Iterator[Item]:
    for row in newest_rejections(limit):
        blob = f"{row['container'] or CONTAINER}/{row['file_name']}"
        yield Item("rejected", row["reason"], blob, row["stored_at"], None, row["upload_id"], row["detail"])


def _rejection_groups() -> Iterator[Item]:
    for group in rejection_groups():
        blob = f"{CONTAINER}/{group.example}"
        yield Item("rejected", group.reason, blob, time_as_text(group.since), count=group.count)


def _grouped(items: Iterable[Item]) -> list[Item]:
    groups: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        groups.setdefault((item.kind, item.reason), []).append(item)
    return [
        Item(kind, reason, members[0].blob, min(member.since for member in members), count=len(members))
        for (kind, reason), members in sorted(groups.items())
    ]
