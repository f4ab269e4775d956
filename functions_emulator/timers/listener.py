"""The timer trigger: calls the function by its schedule, and once at the start when a time was missed."""

import asyncio
import itertools
import json
import logging
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.blob.aio import BlobClient

from functions_emulator.app.function_json import FunctionDefinition
from functions_emulator.app.schedule import Schedule
from functions_emulator.app.trigger_properties import STORAGE
from functions_emulator.errors import FunctionFailedError
from functions_emulator.runtime import CALLED_BY_HAND, Runtime
from functions_emulator.storage.account import HOST_CONTAINER, StorageAccount
from functions_emulator.storage.outages import OutageLog
from functions_emulator.worker.sdk import Datum

_MAX_SLEEP_SECONDS = 30.0
_SHORTEST_MONITORED = timedelta(minutes=1)
_SHOWN_OCCURRENCES = 5
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ScheduleStatus:
    """When the function ran last (None: never), when it is due, and when that was written."""

    last: datetime | None
    next: datetime
    last_updated: datetime

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        value = json.loads(text)
        last, due, updated = (
            datetime.fromisoformat(value[name]) if value[name] else None for name in ("Last", "Next", "LastUpdated")
        )
        if due is None or updated is None:
            raise ValueError("Next and LastUpdated are required")
        return cls(last, due, updated)

    def to_dict(self) -> dict[str, Any]:
        return {
            "Last": self.last.isoformat() if self.last else None,
            "Next": self.next.isoformat(),
            "LastUpdated": self.last_updated.isoformat(),
        }


class TimerListener:
    """Runs one timer trigger, never twice at once. Its status is a blob of AzureWebJobsStorage, as the host's is."""

    def __init__(self, function: FunctionDefinition, runtime: Runtime, account: StorageAccount) -> None:
        self._function = function
        self._runtime = runtime
        self._account = account
        self._schedule = Schedule.parse(function.trigger.properties["schedule"])
        self._status: ScheduleStatus | None = None
        self._outage = OutageLog(function.name, HOST_CONTAINER)
        self._running = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        name = f"timers/{runtime.app.host_id}/Host.Functions.{function.name}.Listener/status"
        self._blob: BlobClient = account.blobs.get_blob_client(HOST_CONTAINER, name)

    @classmethod
    async def open(cls, function: FunctionDefinition, runtime: Runtime) -> Self:
        """Connect to storage and read when the function ran last; raises HostStartError."""
        account = StorageAccount.connect(STORAGE, runtime.app.settings)
        listener = cls(function, runtime, account)
        try:
            await account.first_answer(listener._load)
            if not listener._missed():
                last = listener._status.last if listener._status else None
                await listener._save(ScheduleStatus(last, listener._next(), _now()))
        except BaseException:
            await listener.close()
            raise
        return listener

    async def run(self) -> None:
        """Call the function whenever it is due, until canceled."""
        self._log_schedule()
        if self._missed():
            _log.info(f"Function '{self._function.name}' is past due on startup. Executing now.")
            await asyncio.shield(self._begin(self._fire(is_past_due=True)))
        while True:
            await _sleep_until(self._next())
            await asyncio.shield(self._begin(self._fire()))

    def run_now(self, _text: str) -> bool:
        """Call the function besides its schedule."""
        self._begin(self._invoke(CALLED_BY_HAND, is_past_due=False))
        return True

    async def stop(self) -> None:
        """Wait for the invocation that runs."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Disconnect."""
        await self._account.close()

    def _begin(self, invocation: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        # A task of its own, which goes on when the schedule is canceled.
        task = asyncio.create_task(invocation)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _load(self) -> None:
        try:
            await self._account.blobs.create_container(HOST_CONTAINER)
        except ResourceExistsError:
            _log.debug("%s exists", HOST_CONTAINER)
        try:
            download = await self._blob.download_blob()
            self._status = ScheduleStatus.from_json(await download.readall())
        except ResourceNotFoundError:
            return
        except (ValueError, LookupError, TypeError):
            _log.warning(f"{self._function.name}: its schedule status in storage is damaged; starting a new one")

    def _missed(self) -> bool:
        """Whether the present schedule had a time between the last run, or the last start, and now."""
        if self._status is None or not self._is_monitored():
            return False
        since = self._status.last or self._status.last_updated
        return next(self._schedule.after(since)) <= _now()

    def _is_monitored(self) -> bool:
        """The host does not watch for missed times of a schedule that is shorter than a minute."""
        first, second = itertools.islice(self._schedule.after(_now()), 2)
        return second - first >= _SHORTEST_MONITORED

    def _next(self) -> datetime:
        return next(self._schedule.after(_now()))

    async def _fire(self, *, is_past_due: bool = False) -> None:
        started = _now()
        await self._invoke(f"Timer fired at {started.isoformat()}", is_past_due=is_past_due)
        await self._save(ScheduleStatus(started, self._next(), _now()))

    async def _invoke(self, reason: str, *, is_past_due: bool) -> None:
        status = self._status or ScheduleStatus(None, self._next(), _now())
        request = {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": status.to_dict(),
            "IsPastDue": is_past_due,
        }
        details = f"UnscheduledInvocationReason: IsPastDue, OriginalSchedule: {status.next.isoformat()}"
        # The worker has logged a failure; the schedule goes on.
        async with self._running:
            with suppress(FunctionFailedError):
                await self._runtime.invoke(
                    self._function,
                    Datum(json.dumps(request), "json"),
                    reason=reason,
                    details=details if is_past_due else None,
                )

    async def _save(self, status: ScheduleStatus) -> None:
        self._status = status
        if not self._is_monitored():
            return
        try:
            await self._blob.upload_blob(json.dumps(status.to_dict()), overwrite=True)
            self._outage.over()
        except Exception as error:  # noqa: BLE001  # the SDK raises any type for a malformed response
            self._outage.failed(error)

    def _log_schedule(self) -> None:
        times = itertools.islice(self._schedule.after(_now()), _SHOWN_OCCURRENCES)
        listed = "".join(f"\n{time:%m/%d/%Y %H:%M:%SZ}" for time in times)
        _log.info(
            f"The next {_SHOWN_OCCURRENCES} occurrences of the '{self._function.name}' schedule "
            f"(Cron: '{self._schedule.text}') will be:{listed}"
        )


def _now() -> datetime:
    return datetime.now(UTC)


async def _sleep_until(due: datetime) -> None:
    # In pieces: the event loop's clock stands still while a laptop sleeps.
    while (remaining := (due - _now()).total_seconds()) > 0:  # noqa: ASYNC110  # no event tells the wall clock
        await asyncio.sleep(min(remaining, _MAX_SLEEP_SECONDS))
