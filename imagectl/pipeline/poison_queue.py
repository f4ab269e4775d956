"""The poison messages of this app: blob events that the trigger failed on five times."""

import base64
import binascii
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.storage.queue import QueueClient, QueueMessage, QueueServiceClient

from image_metadata import settings
from image_metadata.storage import blobs
from imagectl.pipeline.inventory import CONTAINER, transient_storage_error

QUEUE = "webjobs-blobtrigger-poison"
PAGE = 32  # the most that one request may ask for

_TRIGGER = ".BlobTriggerClient"
_HIDDEN_SECONDS = 600
_QUEUE = "the poison queue"


@dataclass(frozen=True)
class Poison:
    """A poison message of this app; ``name`` is the blob's, decoded."""

    name: str
    message: QueueMessage


class PoisonMessages:
    """Iterate over this app's messages; those that are not deleted are visible again afterwards.

    The queue is shared by every app on the account and can only be read by receiving: other apps' messages are hidden
    meanwhile, and their dequeue count grows by one.
    """

    def __init__(self, queue: QueueClient) -> None:
        self._queue = queue
        self._held: dict[str, QueueMessage] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for message in self._held.values():
            # A message that cannot be released now becomes visible when its time-out is over.
            with suppress(HttpResponseError):
                self._queue.update_message(message.id, message.pop_receipt, visibility_timeout=0)

    def __iter__(self) -> Iterator[Poison]:
        with transient_storage_error(_QUEUE), suppress(ResourceNotFoundError):
            for message in self._queue.receive_messages(messages_per_page=PAGE, visibility_timeout=_HIDDEN_SECONDS):
                seen_before = message.id in self._held
                self._held[message.id] = message
                if seen_before:
                    return
                name = blob_name(message.content)
                if name is not None:
                    yield Poison(name, message)

    def delete(self, poison: Poison) -> None:
        with transient_storage_error(_QUEUE), suppress(ResourceNotFoundError):
            self._queue.delete_message(poison.message)
        self._held.pop(poison.message.id, None)


def count_poison(queue: QueueClient) -> int:
    """Count this app's among the first 32 messages, the most that can be read without receiving them."""
    with transient_storage_error(_QUEUE), suppress(ResourceNotFoundError):
        return sum(blob_name(message.content) is not None for message in queue.peek_messages(PAGE))
    return 0


def blob_name(content: str) -> str | None:
    """The blob that a message is about; None when it is not this app's and container's."""
    message = _parsed(content)
    if not isinstance(message, dict) or message.get("ContainerName") != CONTAINER:
        return None
    if not str(message.get("FunctionId")).endswith(_TRIGGER):
        return None
    name = message.get("BlobName")
    return name if isinstance(name, str) else None


def poison_queue() -> QueueClient:
    """The queue in the images' account.

    Raises:
        SettingError: ImageStorage is absent or malformed.
    """
    return _service().get_queue_client(QUEUE)


def _service() -> QueueServiceClient:
    found = settings.image_storage()
    options: dict[str, Any] = {"retry_total": 2, "connection_timeout": 10, "read_timeout": 30}
    if found.connection_string is not None:
        return QueueServiceClient.from_connection_string(found.connection_string, **options)
    return QueueServiceClient(str(found.queue_url), credential=blobs.credential(found), **options)


def _parsed(content: str) -> Any:
    """The host's message is JSON, in base64 unless host.json has another ``messageEncoding``."""
    with suppress(ValueError):
        return json.loads(content)
    with suppress(ValueError, binascii.Error):
        return json.loads(base64.b64decode(content, validate=True))
    return None
