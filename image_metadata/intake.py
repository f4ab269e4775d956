"""Announce an upload: start its orchestration. Every intake ends here."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

from image_metadata.errors import SettingError
from image_metadata.instance_status import ORCHESTRATOR, is_active_or_stored
from image_metadata.model import Upload
from image_metadata.payload import encode
from image_metadata.text import printable

CONTAINER = "image-input"
"""The container that images are uploaded to."""

EVENT_QUEUE = "image-events"
"""The queue of their events, which QueueTriggerClient takes."""

REQUEST_OPTIONS: dict[str, Any] = {"retry_total": 0, "connection_timeout": 5, "read_timeout": 10}
"""Of a client's requests to storage: the retries are the client's, and a request that hangs ends within its attempt."""

_LOG = logging.getLogger(__name__)
_FIRST_WAIT = timedelta(seconds=1)

_ResultT = TypeVar("_ResultT")


class RetryWindow(NamedTuple):
    """How long a client tries to announce an upload before it leaves that to the host.

    Attributes:
        length: time from the first attempt to the start of the last one.
        attempt: longest time of one attempt; a request that hangs is canceled after it.
    """

    length: timedelta
    attempt: timedelta


class DurableClient(Protocol):
    """The part of `azure.durable_functions.DurableOrchestrationClient` that is used here."""

    async def get_status(self, instance_id: str) -> Any: ...

    async def start_new(
        self, orchestration_function_name: str, instance_id: str | None, client_input: Any | None
    ) -> str: ...


async def announce(upload: Upload, client: DurableClient, *, ask_first: bool = False) -> bool:
    """Start the orchestration of an upload, unless it is active or has stored its row.

    A start that the host refuses or does not answer is looked into: the same event may have been delivered twice, or
    only the answer was lost. A finished orchestration is replaced; that costs one more small read and stores no
    second row.

    Args:
        upload: the state that the event or the listing names.
        client: the durable client of this invocation.
        ask_first: look before the start, too; for an event that is known to be delivered again.

    Returns:
        Whether it was started.

    Raises:
        Exception: it was not started and is not active.
    """
    if ask_first and await _is_active_or_stored(client, upload.id):
        _LOG.info("%s is active or stored, instance %s", upload, upload.id)
        return False
    try:
        await client.start_new(ORCHESTRATOR, upload.id, encode(upload))
    except Exception:
        if not await _is_active_or_stored(client, upload.id):
            raise
        _LOG.info("%s is active or stored, instance %s", upload, upload.id)
        return False
    _LOG.info("%s starts instance %s", upload, upload.id)
    return True


async def has_instance(upload: Upload, client: DurableClient) -> bool:
    """Whether the durable API knows an orchestration of the upload, in whatever state; one of a purged history is not.

    Raises:
        Exception: it did not answer.
    """
    status = await client.get_status(upload.id)
    return status.runtime_status is not None


async def retry(
    attempt: Callable[[], Awaitable[_ResultT]], window: RetryWindow, blob: str, invocation_id: str
) -> _ResultT:
    """Await ``attempt``, again after a failure until the window is over, with waits that double from one second.

    A setting error is not retried.

    Args:
        attempt: starts one attempt.
        window: for how long, and how long one attempt may take.
        blob: printable name for the log.
        invocation_id: of this call of the function, for the log.

    Raises:
        Exception: that of the last attempt.
    """
    deadline, wait = time.monotonic() + window.length.total_seconds(), _FIRST_WAIT.total_seconds()
    while True:
        try:
            async with asyncio.timeout(window.attempt.total_seconds()):
                return await attempt()
        except SettingError:
            raise
        except Exception as error:
            left = deadline - time.monotonic()
            if left <= 0:
                raise
            wait = min(wait, left)
            _LOG.warning(
                "%s is not announced yet, next attempt in %.1f s, invocation %s: %s",
                blob,
                wait,
                invocation_id,
                printable(f"{type(error).__name__}: {error}"),
            )
        await asyncio.sleep(wait)
        wait *= 2


async def _is_active_or_stored(client: DurableClient, instance_id: str) -> bool:
    status = await client.get_status(instance_id)
    # For an instance that does not exist the SDK answers with a status that has nothing in it.
    return status.runtime_status is not None and is_active_or_stored(status.runtime_status.value, status.output)
