"""The blob trigger: finds new and overwritten blobs and delivers each state of one to the function."""

import asyncio
import logging
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceExistsError, ResourceModifiedError, ResourceNotFoundError
from azure.storage.blob import BlobProperties
from azure.storage.blob.aio import BlobServiceClient
from azure.storage.queue import TextBase64EncodePolicy
from azure.storage.queue.aio import QueueClient

from functions_emulator.app.bindings import DURABLE_CLIENT
from functions_emulator.app.blob_path import BlobPath
from functions_emulator.app.directory import FunctionDefinition
from functions_emulator.app.host_json import HostConfig
from functions_emulator.blobs.event import poison_message, trigger_metadata
from functions_emulator.blobs.listing import Listing
from functions_emulator.blobs.receipts import Receipts
from functions_emulator.durable.engine import Engine
from functions_emulator.durable.http_api import DurableApi, Observation
from functions_emulator.errors import FunctionFailedError
from functions_emulator.log_text import one_line
from functions_emulator.worker.sdk import Datum
from functions_emulator.worker.worker import Worker

POLL_SECONDS = 1.0
"""The host looks every 10 s; a laptop need not wait that long."""

_POISON_QUEUE = "webjobs-blobtrigger-poison"
_REASON = "New blob detected(LogsAndContainerScan): {}"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Storage:
    """The clients of the account that a trigger watches. Requests are not retried: the listener comes again."""

    blobs: BlobServiceClient
    poison: QueueClient

    @classmethod
    def connect(cls, connection_string: str) -> "Storage":
        """Raises ValueError for a malformed connection string."""
        return cls(
            BlobServiceClient.from_connection_string(connection_string, retry_total=0),
            # Base64 is the extension's default.
            QueueClient.from_connection_string(
                connection_string, _POISON_QUEUE, retry_total=0, message_encode_policy=TextBase64EncodePolicy()
            ),
        )

    async def close(self) -> None:
        await self.blobs.close()
        await self.poison.close()


class BlobListener:
    """Watches the container of one blob trigger."""

    def __init__(  # noqa: PLR0913  # it stands between all of them
        self,
        function: FunctionDefinition,
        storage: Storage,
        receipts: Receipts,
        *,
        config: HostConfig,
        worker: Worker,
        engine: Engine,
        api: DurableApi,
        twice: bool = False,
    ) -> None:
        self._function = function
        self._path = BlobPath.parse(function.trigger.properties["path"])
        self._storage = storage
        self._container = storage.blobs.get_container_client(self._path.container)
        self._listing = Listing(self._container, self._path.prefix)
        self._receipts = receipts
        self._config = config
        self._worker = worker
        self._engine = engine
        self._api = api
        self._times = 2 if twice else 1
        self._slots = asyncio.Semaphore(config.blobs_in_parallel)
        self._deliveries: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._trouble = ""

    async def run(self) -> None:
        """Watch until canceled."""
        while True:
            start = time.monotonic()
            try:
                await self._scan()
                self._tell("")
            except ResourceNotFoundError:
                self._tell(f"waiting for the container '{self._path.container}'; create it or upload a first blob")
            except Exception as error:  # noqa: BLE001  # whatever the SDK makes of a garbled answer
                self._tell(f"storage gives no sound answer ({type(error).__name__}); looking again until it does")
            # A listing that takes long must not be all that storage does.
            await asyncio.sleep(max(POLL_SECONDS, time.monotonic() - start))

    async def stop(self) -> None:
        """Wait for the invocations that run; no further attempts are made."""
        self._stopping = True
        if self._deliveries:
            await asyncio.wait(self._deliveries)

    async def _scan(self) -> None:
        async for blob in self._listing.blobs():
            bound = self._path.match(blob.name)
            key = self._receipts.take(blob) if bound is not None else None
            if key is None or bound is None:
                continue
            try:
                await self._engine.room()
                await self._slots.acquire()
            except asyncio.CancelledError:
                self._receipts.give_back(key)
                raise
            self._begin(self._deliver(blob, key, bound))

    def _begin(self, delivery: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(delivery)
        self._deliveries.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, delivery: asyncio.Task[None]) -> None:
        self._deliveries.discard(delivery)
        self._slots.release()
        if error := delivery.exception():
            _log.error(f"{self._function.name}: a blob could not be delivered", exc_info=error)

    async def _deliver(self, blob: BlobProperties, key: str, bound: dict[str, str]) -> None:
        try:
            for _ in range(self._times):
                instance_ids = await self._attempts(blob, bound)
        except ResourceNotFoundError:
            return
        except ResourceModifiedError:
            # Overwritten since it was listed: the next listing has its present state.
            return
        except Exception as error:  # noqa: BLE001  # as in run
            self._tell(f"storage gives no sound answer ({type(error).__name__}); looking again until it does")
            self._receipts.give_back(key)
            return
        if instance_ids is not None:
            self._receipts.finish(key, instance_ids, self._engine.instances.get)

    async def _attempts(self, blob: BlobProperties, bound: dict[str, str]) -> set[str] | None:
        """The instances that belong to the blob; none when it went to the poison queue, None when the host stops."""
        for _ in range(self._config.poison_blob_threshold):
            if self._stopping:
                return None
            with self._api.observe() as observation:
                try:
                    await self._invoke(blob, bound, observation)
                except FunctionFailedError:
                    continue
                return observation.instance_ids
        await self._poison(blob)
        return set()

    async def _invoke(self, listed: BlobProperties, bound: dict[str, str], observation: Observation) -> None:
        client = self._container.get_blob_client(listed.name)
        unchanged = MatchConditions.IfNotModified
        download = await client.download_blob(etag=listed.etag, match_condition=unchanged)
        content = await download.readall()
        inputs = {self._function.trigger.name: Datum(content, "bytes")} | {
            binding.name: Datum(observation.starter, "string")
            for binding in self._function.bindings
            if binding.type == DURABLE_CLIENT
        }
        metadata = trigger_metadata(download.properties, client.url, bound)
        reason = _REASON.format(f"{self._path.container}/{listed.name}")
        await self._worker.invoke(self._function.name, inputs, metadata, reason=reason)

    async def _poison(self, blob: BlobProperties) -> None:
        queue = self._storage.poison
        message = poison_message(self._function.name, blob)
        try:
            await queue.send_message(message)
        except ResourceNotFoundError:
            try:
                await queue.create_queue()
            except ResourceExistsError:
                _log.debug("%s was created by somebody else", _POISON_QUEUE)
            await queue.send_message(message)
        attempts = self._config.poison_blob_threshold
        name = one_line(f"{self._path.container}/{blob.name}")
        _log.error(f"Message has reached MaxDequeueCount of {attempts}. Moving {name} to queue '{_POISON_QUEUE}'.")

    def _tell(self, trouble: str) -> None:
        """Log a trouble once, and once that it is over."""
        if trouble != self._trouble:
            over = f"storage answers again for '{self._path.container}'"
            _log.warning(f"{self._function.name}: {trouble or over}")
        self._trouble = trouble
