"""The queue trigger: receives messages in batches and calls the function with each."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Self

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue.aio import QueueClient

from functions_emulator.app.function_json import FunctionDefinition
from functions_emulator.durable.completions import Completions
from functions_emulator.durable.instances import Status
from functions_emulator.errors import FunctionFailedError
from functions_emulator.queues.leases import Leases
from functions_emulator.queues.message import Message
from functions_emulator.runtime import CALLED_BY_HAND, Runtime
from functions_emulator.storage.account import StorageAccount
from functions_emulator.storage.outages import OutageLog
from functions_emulator.storage.poison_queue import send_poison
from functions_emulator.worker.sdk import Datum

_MIN_INTERVAL = 0.1
_log = logging.getLogger(__name__)


class QueueListener:
    """Receives from the queue of one queue trigger."""

    def __init__(self, function: FunctionDefinition, runtime: Runtime, account: StorageAccount) -> None:
        self._function = function
        self._runtime = runtime
        self._account = account
        self._config = runtime.app.host.queues
        self._name = str(function.trigger.properties["queueName"]).lower()
        self._queue: QueueClient = account.queues.get_queue_client(self._name)
        self._leases = Leases(self._queue, runtime.message_lease)
        self._renewing = asyncio.create_task(self._leases.renew())
        self._ended = Completions(runtime.engine, (Status.COMPLETED, Status.FAILED, Status.TERMINATED))
        self._outage = OutageLog(function.name, self._name)
        self._invocations: set[asyncio.Task[None]] = set()
        self._deletions: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, function: FunctionDefinition, runtime: Runtime) -> Self:
        """Connect to storage; raises HostStartError."""
        account = StorageAccount.connect(function.trigger.properties["connection"], runtime.app.settings)
        listener = cls(function, runtime, account)
        try:
            await account.first_answer(listener._peek)
        except BaseException:
            await listener.close()
            raise
        _log.info(f"{function.name}: receiving from the queue '{listener._name}'")
        return listener

    async def run(self) -> None:
        """Receive until canceled, ever more rarely while the queue is empty."""
        interval = _MIN_INTERVAL
        while True:
            try:
                messages = await self._receive()
                self._outage.over()
            except ResourceNotFoundError:
                # The queue is created with the first event.
                messages = []
            except Exception as error:  # noqa: BLE001  # the SDK raises any type for a malformed response
                messages = []
                self._outage.failed(error)
            for message in messages:
                self._begin(self._process(message))
            if messages:
                interval = _MIN_INTERVAL
                await self._below_threshold()
                await self._runtime.engine.wait_for_capacity()
            else:
                await asyncio.sleep(interval)
                interval = min(interval * 2, max(self._config.max_polling_interval, _MIN_INTERVAL))

    def run_now(self, text: str) -> bool:
        """Call the function with a message of this text that is in no queue."""
        self._begin(self._call_by_hand(text))
        return True

    async def stop(self) -> None:
        """Wait for the invocations that run."""
        if self._invocations:
            await asyncio.wait(self._invocations)

    async def close(self) -> None:
        """Delete the messages that are done with, let the others be received again, and disconnect."""
        if self._deletions:
            await asyncio.wait(self._deletions)
        self._renewing.cancel()
        await self._leases.return_all()
        await self._account.close()

    async def _peek(self) -> None:
        try:
            await self._queue.get_queue_properties()
        except ResourceNotFoundError:
            return

    async def _receive(self) -> list[Message]:
        pages = self._queue.receive_messages(
            messages_per_page=self._config.batch_size, visibility_timeout=round(self._leases.seconds)
        ).by_page()
        messages = [Message.received(message) async for message in await anext(pages)]
        for message in messages:
            self._leases.hold(message)
        return messages

    def _begin(self, invocation: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(invocation)
        self._invocations.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, invocation: asyncio.Task[None]) -> None:
        self._invocations.discard(invocation)
        if error := invocation.exception():
            _log.error(f"{self._function.name}: an invocation failed in the emulator", exc_info=error)

    async def _below_threshold(self) -> None:
        """Wait until a new batch may be received."""
        while len(self._invocations) > self._config.new_batch_threshold:
            await asyncio.wait(self._invocations, return_when=asyncio.FIRST_COMPLETED)

    async def _process(self, message: Message) -> None:
        try:
            await self._deliver(message)
            self._outage.over()
        except Exception as error:  # noqa: BLE001  # the SDK raises any type for a malformed response
            self._leases.drop(message)
            self._outage.failed(error)

    async def _deliver(self, message: Message) -> None:
        text = message.text(encoded=self._config.encoded)
        if text is None:
            _log.warning(f"{self._function.name}: Message decoding has failed! Check MessageEncoding settings.")
            await self._poison(message)
        elif message.dequeue_count > self._config.max_dequeue_count:
            await self._exhausted(message)
        else:
            await self._attempt(message, text)

    async def _call_by_hand(self, text: str) -> None:
        # The worker has logged a failure.
        with suppress(FunctionFailedError):
            await self._invoke(Message.by_hand(text), text, CALLED_BY_HAND)

    async def _attempt(self, message: Message, text: str) -> None:
        try:
            instance_ids = await self._invoke(message, text, f"New queue message detected on '{self._name}'.")
        except FunctionFailedError:
            if message.dequeue_count >= self._config.max_dequeue_count:
                await self._exhausted(message)
            else:
                await self._leases.reveal(message, self._config.visibility_timeout)
        else:
            self._ended.when_all(instance_ids, lambda: self._delete(message))

    async def _invoke(self, message: Message, text: str, reason: str) -> set[str]:
        metadata = message.trigger_metadata(text)
        details = (
            f"MessageId: {message.id}, DequeueCount: {message.dequeue_count}, "
            f"InsertionTime: {message.inserted.isoformat(timespec='seconds')}"
        )
        datum = Datum(text, "string")
        return await self._runtime.invoke(self._function, datum, metadata, reason=reason, details=details)

    def _delete(self, message: Message) -> None:
        task = asyncio.create_task(self._leases.delete(message))
        self._deletions.add(task)
        task.add_done_callback(self._deletions.discard)

    async def _exhausted(self, message: Message) -> None:
        _log.error(
            f"Message has reached MaxDequeueCount of {self._config.max_dequeue_count}. "
            f"Moving message to queue '{self._name}-poison'."
        )
        await self._poison(message)

    async def _poison(self, message: Message) -> None:
        # The original text, as it was in the queue.
        await send_poison(self._account, f"{self._name}-poison", message.raw, encoded=False)
        await self._leases.delete(message)
