"""The blob trigger: delivers each state of each blob of a container to the function."""

import asyncio
import logging
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any, Self

from azure.core import MatchConditions
from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError

from functions_emulator.app.blob_path import BlobPath
from functions_emulator.app.function_json import FunctionDefinition
from functions_emulator.blobs.event import poison_message, trigger_metadata
from functions_emulator.blobs.listing import Listing
from functions_emulator.blobs.page import ListedBlob, ListingError, Pages
from functions_emulator.blobs.receipts import Receipts
from functions_emulator.errors import FunctionFailedError
from functions_emulator.runtime import Runtime
from functions_emulator.storage.account import StorageAccount, is_outage
from functions_emulator.storage.outages import OutageLog
from functions_emulator.storage.poison_queue import send_poison
from functions_emulator.text import one_line
from functions_emulator.worker.sdk import Datum

POLL_SECONDS = 1.0
"""The shortest pause between two listings; the host's is 10 s, which a laptop need not wait for."""

_IDLE_PAUSE_FACTOR = 10
_MAX_IDLE_PERIOD = 9.0
"""Seconds from one listing to the next while nothing is uploaded.

A new blob is found within ten, the last second being for a listing that takes longer than the one before. Where a
listing takes more than half of it, the pause is as long as the listing.
"""

_POISON_QUEUE = "webjobs-blobtrigger-poison"
_REASON = "New blob detected(LogsAndContainerScan): {}"
_log = logging.getLogger(__name__)


class BlobListener:
    """Watches the container of one blob trigger."""

    def __init__(
        self, function: FunctionDefinition, runtime: Runtime, account: StorageAccount, receipts: Receipts
    ) -> None:
        self._function = function
        self._runtime = runtime
        self._account = account
        self._receipts = receipts
        self._writing = asyncio.create_task(receipts.write())
        self._path = BlobPath.parse(function.trigger.properties["path"])
        self._container = account.blobs.get_container_client(self._path.container)
        self._pages = Pages(self._container)
        self._listing = Listing(self._pages, self._path.prefix)
        self._outage = OutageLog(function.name, self._path.container)
        self._slots = asyncio.Semaphore(runtime.app.host.blobs_in_parallel)
        self._deliveries: set[asyncio.Task[None]] = set()
        self._stopping = False

    @classmethod
    async def open(cls, function: FunctionDefinition, runtime: Runtime) -> Self:
        """Connect to storage and read the receipts; raises HostStartError."""
        account = StorageAccount.connect(function.trigger.properties["connection"], runtime.app.settings)
        try:
            receipts = Receipts(account.blobs, runtime.app.host_id, function.name, runtime.engine)
            processed = await account.first_answer(receipts.load)
        except BaseException:
            await account.close()
            raise
        _log.info(f"{function.name}: {processed} blobs are processed; watching {function.trigger.properties['path']}")
        return cls(function, runtime, account, receipts)

    async def run(self) -> None:
        """Watch until canceled."""
        while True:
            delivered = False
            try:
                delivered = await self._scan()
                self._outage.over()
            except ListingError as error:
                self._listing_failed(error)
            except Exception as error:  # noqa: BLE001  # whatever comes of a garbled answer
                self._outage.failed(error)
            await asyncio.sleep(pause(self._listing.seconds, is_idle=not delivered))

    def run_now(self, _text: str) -> bool:
        """Not supported: a blob is delivered by uploading it."""
        return False

    async def stop(self) -> None:
        """Wait for the invocations that run; no further attempts are made."""
        self._stopping = True
        if self._deliveries:
            await asyncio.wait(self._deliveries)

    async def close(self) -> None:
        """Write the receipts that are due, and disconnect."""
        self._receipts.close()
        await self._writing
        await self._pages.close()
        await self._account.close()

    async def _scan(self) -> bool:
        """Begin the delivery of every blob state that has none yet; whether there was one."""
        found = False
        async for blob in self._listing.blobs():
            bound = self._path.match(blob.name)
            key = self._receipts.take(blob) if bound is not None else None
            if key is None or bound is None:
                continue
            found = True
            try:
                await self._runtime.engine.wait_for_capacity()
                await self._slots.acquire()
            except asyncio.CancelledError:
                self._receipts.give_back(key)
                raise
            self._begin(self._deliver(blob, key, bound))
        return found

    def _listing_failed(self, error: ListingError) -> None:
        if error.status == HTTPStatus.NOT_FOUND:
            self._outage.report(f"waiting for the container '{self._path.container}'; create it or upload a first blob")
        else:
            self._outage.report(f"storage does not list '{self._path.container}' ({error}); trying until it does")

    def _begin(self, delivery: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(delivery)
        self._deliveries.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, delivery: asyncio.Task[None]) -> None:
        self._deliveries.discard(delivery)
        self._slots.release()
        if error := delivery.exception():
            _log.error(f"{self._function.name}: a blob could not be delivered", exc_info=error)

    async def _deliver(self, blob: ListedBlob, key: str, bound: dict[str, str]) -> None:
        try:
            instance_ids = await self._attempt_until_poison(blob, bound)
        except ResourceNotFoundError:
            return
        except ResourceModifiedError:
            # Overwritten since it was listed: the next listing has its present state.
            return
        except Exception as error:  # noqa: BLE001  # as in run
            self._outage.failed(error)
            self._receipts.give_back(key)
            return
        if instance_ids is not None:
            self._receipts.finish(key, instance_ids)

    async def _attempt_until_poison(self, blob: ListedBlob, bound: dict[str, str]) -> set[str] | None:
        """The instances of the blob's invocation; none when it went to the poison queue, None when the host stops."""
        for _ in range(self._runtime.app.host.poison_blob_threshold):
            if self._stopping:
                return None
            try:
                return await self._invoke(blob, bound)
            except FunctionFailedError:
                continue
            except Exception as error:
                if is_outage(error) or isinstance(error, (ResourceNotFoundError, ResourceModifiedError)):
                    raise
                name = one_line(f"{self._path.container}/{blob.name}")
                _log.warning(f"{self._function.name}: {name} cannot be read ({type(error).__name__})")
                await asyncio.sleep(POLL_SECONDS)
        await self._poison(blob)
        return set()

    async def _invoke(self, listed: ListedBlob, bound: dict[str, str]) -> set[str]:
        client = self._container.get_blob_client(listed.name)
        unchanged = MatchConditions.IfNotModified
        # The host delivers the bytes as they are stored, whatever encoding the uploader has named.
        download = await client.download_blob(etag=listed.etag, match_condition=unchanged, decompress=False)
        content = Datum(await download.readall(), "bytes")
        metadata = trigger_metadata(download.properties, client.url, bound)
        reason = _REASON.format(f"{self._path.container}/{listed.name}")
        return await self._runtime.invoke(self._function, content, metadata, reason=reason)

    async def _poison(self, blob: ListedBlob) -> None:
        await send_poison(self._account, _POISON_QUEUE, poison_message(self._function.name, blob))
        attempts = self._runtime.app.host.poison_blob_threshold
        name = one_line(f"{self._path.container}/{blob.name}")
        _log.error(f"Message has reached MaxDequeueCount of {attempts}. Moving {name} to queue '{_POISON_QUEUE}'.")


def pause(listing_seconds: float, *, is_idle: bool) -> float:
    """Seconds until the next listing: at least as long as the last took, and longer while nothing is uploaded.

    A listing costs as much as the container is large, and an idle stack should not notice it.
    """
    shortest = max(POLL_SECONDS, listing_seconds)
    if is_idle:
        return max(shortest, min(listing_seconds * _IDLE_PAUSE_FACTOR, _MAX_IDLE_PERIOD - listing_seconds))
    return shortest
