"""The poison messages of this app: events that BlobTriggerClient or QueueTriggerClient failed on repeatedly."""

import base64
import binascii
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.storage.queue import QueueClient, QueueMessage

from image_metadata.errors import EventError
from image_metadata.event_grid import read_event
from image_metadata.intake import CONTAINER, EVENT_QUEUE
from image_metadata.queue_trigger_client import MAX_DEQUEUE_COUNT
from imagectl.pipeline.inventory import transient_storage_error
from imagectl.pipeline.queue_client import queue_service

QUEUES = {
    "BlobTriggerClient": "webjobs-blobtrigger-poison",
    "QueueTriggerClient": f"{EVENT_QUEUE}-poison",
}
"""The queue that the host moves a function's messages to."""

DELIVERIES = {"BlobTriggerClient": 5, "QueueTriggerClient": MAX_DEQUEUE_COUNT}
"""How often a function failed on an event before the host gave it up, as host.json says; the message does not."""

PAGE = 32  # the most that one request may ask for

POLLING_DISABLED = "AzureWebJobs.BlobTriggerClient.Disabled"
"""The host's setting that disables the function."""

_TRIGGER = ".BlobTriggerClient"
_HIDDEN_SECONDS = 600
_QUEUE = "the poison queues"


@dataclass(frozen=True)
class Poison:
    """A poison message of this app; ``name`` is the blob's, decoded."""

    name: str
    message: QueueMessage
    queue: QueueClient


@dataclass(frozen=True)
class PeekedPoison:
    """A poison message of this app that was only looked at.

    Attributes:
        name: of the blob, decoded.
        inserted_on: when the host gave up the event.
        deliveries: how often the function failed on it until then.
    """

    name: str
    inserted_on: datetime | None
    deliveries: int


class PoisonMessages:
    """Iterate over this app's messages; those that are not deleted are visible again afterwards.

    A queue can only be read by receiving, and that of the blob trigger is shared by every app on the account: other
    apps' messages are hidden meanwhile, and their dequeue count grows by one.
    """

    def __init__(self, queues: Sequence[QueueClient]) -> None:
        self._queues = queues
        self._held: dict[str, tuple[QueueClient, QueueMessage]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for queue, message in self._held.values():
            # A message that cannot be released now becomes visible when its time-out is over.
            with suppress(HttpResponseError):
                queue.update_message(message.id, message.pop_receipt, visibility_timeout=0)

    def __iter__(self) -> Iterator[Poison]:
        for queue in self._queues:
            with transient_storage_error(_QUEUE), suppress(ResourceNotFoundError):
                yield from self._received(queue)

    def _received(self, queue: QueueClient) -> Iterator[Poison]:
        for message in queue.receive_messages(messages_per_page=PAGE, visibility_timeout=_HIDDEN_SECONDS):
            seen_before = message.id in self._held
            self._held[message.id] = (queue, message)
            if seen_before:
                return
            name = blob_name(message.content)
            if name is not None:
                yield Poison(name, message, queue)

    def delete(self, poison: Poison) -> None:
        with transient_storage_error(_QUEUE), suppress(ResourceNotFoundError):
            poison.queue.delete_message(poison.message)
        self._held.pop(poison.message.id, None)


def peek_poison() -> list[PeekedPoison]:
    """Messages of this app among the first 32 of each queue, the most that can be read without receiving them.

    Raises:
        TransientStorageError: storage did not answer.
        SettingError: ImageStorage is absent or malformed.
    """
    return [message for function, queue in _read_queues().items() for message in _peeked(queue, DELIVERIES[function])]


def blob_name(content: str) -> str | None:
    """The blob that a message is about; None when it is not this app's and container's."""
    message = _parsed(content)
    if isinstance(message, dict) and "eventType" in message:
        with suppress(EventError):
            event = read_event(json.dumps(message))
            return event.name if event.container == CONTAINER else None
        return None
    if not isinstance(message, dict) or message.get("ContainerName") != CONTAINER:
        return None
    if not str(message.get("FunctionId")).endswith(_TRIGGER):
        return None
    name = message.get("BlobName")
    return name if isinstance(name, str) else None


def poison_queues() -> list[QueueClient]:
    """The queues in the images' account, without that of BlobTriggerClient where the settings disable it.

    Raises:
        SettingError: ImageStorage is absent or malformed.
    """
    return list(_read_queues().values())


def _read_queues() -> dict[str, QueueClient]:
    polling = os.environ.get(POLLING_DISABLED, "").lower() not in {"1", "true"}
    return {
        function: queue_service().get_queue_client(name)
        for function, name in QUEUES.items()
        if polling or function != "BlobTriggerClient"
    }


def _peeked(queue: QueueClient, deliveries: int) -> Iterator[PeekedPoison]:
    with transient_storage_error(_QUEUE), suppress(ResourceNotFoundError):
        for message in queue.peek_messages(PAGE):
            name = blob_name(message.content)
            if name is not None:
                yield PeekedPoison(name, message.inserted_on, deliveries)


def _parsed(content: str) -> Any:
    """The host's message is JSON, in base64 unless host.json has another ``messageEncoding``."""
    with suppress(ValueError):
        return json.loads(content)
    with suppress(ValueError, binascii.Error):
        return json.loads(base64.b64decode(content, validate=True))
    return None
