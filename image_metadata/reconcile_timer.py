"""What ReconcileTimer calls: compare the container with the tables, and announce what is unprocessed."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from image_metadata import settings
from image_metadata.database.connections import app_connections
from image_metadata.database.upload_tables import UploadTables
from image_metadata.errors import TransientStorageError
from image_metadata.intake import CONTAINER, DurableClient, announce
from image_metadata.model import Reconciliation, Upload
from image_metadata.storage.listing import ListedBlob, Page, list_page
from image_metadata.text import printable

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
    client: DurableClient, tables: Tables | None = None, *, container: str = CONTAINER, limits: Limits | None = None
) -> Reconciliation:
    """Announce each upload without a row that is accessible, older than the grace period, and not active.

    A run that reaches its time limit records where it stopped, and the next one continues there. A blob of which an
    older state has a row was changed without an event; any other was missed, which is one error line with the count.

    Args:
        client: the durable client of this invocation.
        tables: the database that the settings name by default.
        container: the one that images are uploaded to.
        limits: what a run leaves alone, and when it ends; from the settings by default.

    Raises:
        TransientStorageError, TransientDatabaseError: the run ends; uploads that it started stay started.
        SettingError: a setting is absent or malformed.
    """
    tables = tables or UploadTables(app_connections())
    run = _Run(client, tables, limits or Limits(settings.reconcile_grace()))
    last = await asyncio.to_thread(tables.last_run)
    run.continuation = last.continuation if last else None
    try:
        await run.compare(container)
    finally:
        result = run.result()
        _report(result, run.missed)
        await asyncio.to_thread(tables.record, result)
    return result


@dataclass
class _Run:
    client: DurableClient
    tables: Tables
    limits: Limits
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    continuation: str | None = None
    complete: bool = False
    blobs: int = 0
    started: int = 0
    changed: int = 0
    errors: int = 0
    missed: list[Upload] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._deadline = time.monotonic() + self.limits.duration.total_seconds()

    async def compare(self, container: str) -> None:
        while not self._is_over():
            page = await self._next_page(container)
            self.blobs += len(page.blobs)
            unprocessed = await asyncio.to_thread(self._unprocessed, page.blobs)
            await self._start(unprocessed)
            if self._is_over():
                return  # the next run lists this page again: what was started has its row by then
            self.continuation = page.continuation
            if page.continuation is None:
                self.complete = True
                return

    async def _next_page(self, container: str) -> Page:
        try:
            return await asyncio.to_thread(list_page, container, self.continuation)
        except TransientStorageError:
            # Storage may no longer know where the last run stopped.
            self.continuation = None
            raise

    def _is_over(self) -> bool:
        return time.monotonic() >= self._deadline or self.errors >= _MOST_ERRORS

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
                started = await announce(upload, self.client)
        except Exception as error:  # noqa: BLE001  # the SDK raises nothing more specific
            self.errors += 1
            _LOG.warning("%s could not be started: %s", upload, printable(f"{type(error).__name__}: {error}"))
            return
        if started:
            self.started += 1
            self.changed += changed
            self.missed += [] if changed else [upload]

    def result(self) -> Reconciliation:
        return Reconciliation(
            began_at=_iso(self.began),
            ended_at=_iso(datetime.now(UTC)),
            continuation=self.continuation,
            complete=self.complete,
            blobs=self.blobs,
            started=self.started,
            changed=self.changed,
            errors=self.errors,
        )


def _report(run: Reconciliation, missed: Sequence[Upload]) -> None:
    _LOG.info(
        "Reconciliation: %d blobs compared, %d uploads started, %d of them changed without an event, %d errors; %s",
        run.blobs,
        run.started,
        run.changed,
        run.errors,
        "the whole container" if run.complete else "the next run continues",
    )
    if missed:
        _LOG.error(
            "Uploads missed: %d had neither a row nor an active orchestration and are started now, the first is %s",
            len(missed),
            missed[0],
        )


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00")
