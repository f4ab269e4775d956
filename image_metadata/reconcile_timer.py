"""What ReconcileTimer calls: compare the container with the tables, and announce what is unprocessed."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from image_metadata import settings
from image_metadata.database.connections import app_connections
from image_metadata.database.upload_tables import UploadTables
from image_metadata.errors import ContinuationRefusedError
from image_metadata.intake import CONTAINER, DurableClient, announce, has_instance
from image_metadata.model import Upload
from image_metadata.reconciliation import Reconciliation
from image_metadata.storage.listing import ListedBlob, list_page
from image_metadata.text import printable
from image_metadata.timestamps import now_text, utc_text

_LOG = logging.getLogger(__name__)
_STARTS_AT_ONCE = 8
_START_SECONDS = 30
_MOST_ERRORS = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run leaves alone, and when it ends.

    Attributes:
        grace: uploads younger than this may still be announced by their event.
        duration: no page and no start begins later; half of ``functionTimeout`` in host.json.
    """

    grace: timedelta
    duration: timedelta = timedelta(minutes=5)


class Tables(Protocol):
    """The database's side; each method may raise TransientDatabaseError."""

    def last_run(self) -> Reconciliation | None: ...

    def with_row(self, upload_ids: Sequence[str]) -> set[str]: ...

    def blobs_with_row(self, blob_ids: Sequence[str]) -> set[str]: ...

    def record(self, run: Reconciliation) -> None: ...


async def reconcile(
    client: DurableClient,
    tables: Tables | None = None,
    *,
    container: str = CONTAINER,
    limits: Limits | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Reconciliation:
    """Announce each upload without a row that is accessible, older than the grace period, and not active.

    A run that ends before the listing does records where it stopped, and the next one continues there. An upload was
    missed when no orchestration of it is known and no older state of its blob has a row; how many, is one error line.

    Args:
        client: the durable client of this invocation.
        tables: the database that the settings name by default.
        container: the one that images are uploaded to.
        limits: what a run leaves alone, and when it ends; from the settings by default.
        clock: seconds, for the time limit.

    Raises:
        TransientStorageError, TransientDatabaseError: the run ends; uploads that it started stay started.
        SettingError: a setting is absent or malformed.
    """
    tables = tables or UploadTables(app_connections())
    run = _Run(client, tables, limits or Limits(settings.reconcile_grace()), clock)
    last = await asyncio.to_thread(tables.last_run)
    try:
        await run.compare(container, last.continuation if last else None)
    finally:
        result = run.result()
        _report(result, run.restarted, run.missed)
        await asyncio.to_thread(tables.record, result)
    return result


@dataclass
class _Run:
    client: DurableClient
    tables: Tables
    limits: Limits
    clock: Callable[[], float]
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    continuation: str | None = None
    complete: bool = False
    blobs: int = 0
    started: int = 0
    changed: int = 0
    restarted: int = 0
    errors: int = 0
    missed: list[Upload] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._deadline = self.clock() + self.limits.duration.total_seconds()

    async def compare(self, container: str, stored: str | None) -> None:
        """Compare from where the last run stopped."""
        self.continuation = stored
        while not self._is_over():
            try:
                page = await asyncio.to_thread(list_page, container, self.continuation)
            except ContinuationRefusedError:
                if self.continuation == stored:
                    self.continuation = None  # or every later run would fail with it
                raise
            self.blobs += len(page.blobs)
            unprocessed = await asyncio.to_thread(self._unprocessed, page.blobs)
            await self._start(unprocessed)
            if self._is_over():
                return  # the next run lists this page again: what was started has its row by then
            self.continuation = page.continuation
            if page.continuation is None:
                self.complete = True
                return

    def _is_over(self) -> bool:
        return self.clock() >= self._deadline or self.errors >= _MOST_ERRORS

    def _unprocessed(self, blobs: Sequence[ListedBlob]) -> list[tuple[Upload, bool]]:
        """Uploads to start, each with whether another state of its blob has a row."""
        newest = self.began - self.limits.grace
        candidates = [blob.upload for blob in blobs if blob.is_accessible and blob.uploaded_at <= newest]
        with_row = self.tables.with_row([upload.id for upload in candidates])
        unprocessed = [upload for upload in candidates if upload.id not in with_row]
        known = self.tables.blobs_with_row([upload.blob_id for upload in unprocessed])
        return [(upload, upload.blob_id in known) for upload in unprocessed]

    async def _start(self, unprocessed: Sequence[tuple[Upload, bool]]) -> None:
        at_once = asyncio.Semaphore(_STARTS_AT_ONCE)

        async def start(upload: Upload, *, changed: bool) -> None:
            async with at_once:
                if not self._is_over():
                    await self._start_one(upload, changed=changed)

        await asyncio.gather(*(start(upload, changed=changed) for upload, changed in unprocessed))

    async def _start_one(self, upload: Upload, *, changed: bool) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS):
                was_announced = await has_instance(upload, self.client)
                started = await announce(upload, self.client)
        except Exception as error:  # noqa: BLE001  # the SDK raises nothing more specific
            self.errors += 1
            _LOG.warning("%s could not be started: %s", upload, printable(f"{type(error).__name__}: {error}"))
            return
        if started:
            self.started += 1
            self.changed += changed
            self.restarted += was_announced
            self.missed += [] if changed or was_announced else [upload]

    def result(self) -> Reconciliation:
        return Reconciliation(
            began_at=utc_text(self.began),
            ended_at=now_text(),
            continuation=self.continuation,
            complete=self.complete,
            blobs=self.blobs,
            started=self.started,
            changed=self.changed,
            errors=self.errors,
        )


def _report(run: Reconciliation, restarted: int, missed: Sequence[Upload]) -> None:
    _LOG.info(
        "Reconciliation: %d blobs compared, %d uploads started: %d newer states of blobs with a row, "
        "%d whose orchestration had ended without a row, %d missed; %d errors; %s",
        run.blobs,
        run.started,
        run.changed,
        restarted,
        len(missed),
        run.errors,
        "the whole container" if run.complete else "the next run continues",
    )
    if missed:
        _LOG.error(
            "Uploads missed: %d had neither a row nor an orchestration and are started now, the first is %s",
            len(missed),
            missed[0],
        )
