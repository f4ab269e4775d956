"""One look at the whole pipeline that changes nothing, and goes on where one place cannot be asked."""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from image_metadata import settings
from image_metadata.database.connections import Connections
from image_metadata.database.upload_tables import UploadTables
from image_metadata.instance_status import LIVE
from image_metadata.model import FailureCode
from image_metadata.payload import text_of
from image_metadata.reconciliation import Reconciliation
from imagectl.pipeline.ages import max_age_with_retries
from imagectl.pipeline.asking import ask
from imagectl.pipeline.backlog import Backlog, current_wait
from imagectl.pipeline.durable_api import UNSUCCESSFUL, DurableApp, Instance
from imagectl.pipeline.event_queue import waiting_events
from imagectl.pipeline.inventory import images
from imagectl.pipeline.overdue import overdue
from imagectl.pipeline.poison_queue import peek_poison
from imagectl.pipeline.rows import count_rows, schema_applied_at, with_row
from imagectl.pipeline.unprocessed import Unprocessed

_RECENT = 20
_RECENTLY = timedelta(days=1)


@dataclass
class Health:
    """What was seen; all but names, reasons and sentences are counts. None stands for what could not be asked.

    Attributes:
        rows: images as the view shows them; rejections likewise, by reason.
        running: live orchestrations, those between two attempts included.
        oldest: the live orchestration that was created first.
        stuck: names of blobs whose orchestration is older than its retries explain.
        failed: orchestrations that ended without success, by code; `imagectl retry` restarts them.
        inaccessible: blobs that are archived or encrypted with a customer-provided key.
        poison: messages of this app among the first 32 in each poison queue; one behind them shows as unprocessed.
        waiting_events: events in the queue that QueueTriggerClient has not taken yet.
        new: blobs without a row that were uploaded a moment ago and may not have been announced yet.
        queued: blobs without a row that the app has not come to yet.
        unprocessed: blobs without a row that were missed; `imagectl backfill` starts them. Only the app knows which
            blobs are under way, so `inaccessible`, `new`, `queued`, `unprocessed` and `examples` are None also when it
            was not asked, and the last three when the queues were not asked.
        examples: names of the oldest of these.
        reconciliation: the newest one; None also when there was none.
        warnings: signs that app, storage and database do not belong together.
        not_asked: why a place could not be asked.
    """

    blobs: int | None = None
    rows: int | None = None
    rejections: dict[str, int] | None = None
    running: int | None = None
    oldest: Instance | None = None
    stuck: list[str] | None = None
    failed: Counter[str] | None = None
    inaccessible: int | None = None
    poison: int | None = None
    waiting_events: int | None = None
    new: int | None = None
    queued: int | None = None
    unprocessed: int | None = None
    examples: list[str] | None = None
    reconciliation: Reconciliation | None = None
    warnings: list[str] = field(default_factory=list)
    not_asked: list[str] = field(default_factory=list)

    @property
    def needs_attention(self) -> bool:
        return bool(self.failed or self.poison or self.unprocessed or self.stuck or self.warnings)


def look(app: DurableApp, grace: timedelta, stuck_after: timedelta) -> Health:
    """Look everywhere; memory grows with the orchestrations that are not completed, not with blobs.

    ``grace``: younger blobs may still be announced. ``stuck_after``: how much older than its retries explain an
    orchestration may be.
    """
    health, seen = Health(), _Orchestrations()
    now = datetime.now(UTC)
    # First the events, then the orchestrations, then the rows: an upload that moves on meanwhile is seen a step later.
    ask(lambda: _queues(health), health.not_asked)
    is_app_asked = ask(lambda: seen.list(app, now - stuck_after), health.not_asked)
    if is_app_asked:
        health.running, health.oldest, health.stuck = seen.running, seen.oldest, seen.stuck
        health.failed = seen.failed
    if ask(lambda: _rows(health, now), health.not_asked):
        ask(lambda: _blobs(health, seen if is_app_asked else None, grace), health.not_asked)
        if is_app_asked:
            ask(lambda: _compare_stacks(health, app, now), health.not_asked)
    return health


@dataclass
class _Orchestrations:
    """The orchestrations that are not completed. Apart from `Health` until all are listed: a part of them is no count.

    Attributes:
        ids: of the uploads that they process.
    """

    ids: set[str] = field(default_factory=set)
    running: int = 0
    oldest: Instance | None = None
    stuck: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    inaccessible: int = 0

    def list(self, app: DurableApp, expected_from: datetime) -> None:
        for instance in app.instances(LIVE):
            self.ids.add(instance.id)
            self.running += 1
            if self.oldest is None or instance.created < self.oldest.created:
                self.oldest = instance
            if instance.created_at < expected_from - max_age_with_retries(instance.step):
                self.stuck.append(instance.blob)
        for instance in app.instances(UNSUCCESSFUL):
            self.ids.add(instance.id)
            if instance.code == FailureCode.INACCESSIBLE:
                self.inaccessible += 1
            else:
                self.failed[instance.code] += 1


def _queues(health: Health) -> None:
    health.poison = len(peek_poison())
    health.waiting_events = waiting_events()


def _rows(health: Health, now: datetime) -> None:
    counted = count_rows()
    with closing(Connections(settings.sql())) as connections:
        health.reconciliation = UploadTables(connections).last_run()
    health.rows, health.rejections = counted.images, counted.rejections
    schedule = settings.reconcile_schedule()
    if schedule and (sentence := overdue(schedule, _last_reconciled(health), now)):
        health.warnings.append(sentence)


def _last_reconciled(health: Health) -> datetime:
    """When the last run ended; before the first one, when the tables got their present schema."""
    if health.reconciliation:
        return datetime.fromisoformat(health.reconciliation.ended_at).replace(tzinfo=UTC)
    return schema_applied_at().replace(tzinfo=UTC)


def _blobs(health: Health, under_way: _Orchestrations | None, grace: timedelta) -> None:
    found, source = Unprocessed(), images()
    now = datetime.fromisoformat(source.asked_at).replace(tzinfo=UTC)
    events = health.waiting_events
    backlog = Backlog(now, grace, current_wait(now), events or 0)
    for blob in found.list(source, known=under_way.ids if under_way else ()):
        backlog.add(blob)
    health.blobs = found.blobs
    if under_way:
        health.inaccessible = found.inaccessible + under_way.inaccessible
        health.new = backlog.new
    if under_way and events is not None:
        health.queued, health.unprocessed, health.examples = backlog.queued, backlog.missed, backlog.examples


def _compare_stacks(health: Health, app: DurableApp, now: datetime) -> None:
    """Whether app, storage and database are those of one stack."""
    completed = app.recent("Completed", now - _RECENTLY, _RECENT)
    account = images().account
    if completed and (seen := text_of(completed[0].input, "account")) and seen != account:
        health.warnings.append(
            f"the app at --url processes blobs of the account {seen}, but ImageStorage names {account}: two stacks"
        )
    ids = [text_of(each.output, "upload_id") for each in completed]
    stored = [upload_id for upload_id in ids if upload_id]
    if stored and not with_row(stored):
        health.warnings.append(
            f"none of the {len(stored)} newest completed uploads has a row here: the app at --url stores into another "
            "database than SqlConnectionString names"
        )
