"""Event Grid on a laptop: events about blobs on a storage queue, from the access log of Azurite.

It reports what any client does, as the service would: the event schema is that of "Azure Blob Storage as an Event Grid
source". Azurite's log lacks the entity tag, so each created blob costs a request for its properties.
"""

import itertools
import json
import re
import threading
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient, TextBase64EncodePolicy

from image_metadata.intake import CONTAINER, EVENT_QUEUE
from imagectl.local.azurite import ACCOUNT, Azurite

_LOOK_SECONDS = 0.05
_LINE = re.compile(rf'"(PUT|DELETE) /{ACCOUNT}/([^/\s]+)/(\S+) HTTP/1\.1" (\d+)')
# The operation by method, status and ``comp``; a copy is accepted (202) and complete, since Azurite copies at once.
_OPERATIONS = {
    ("PUT", 201, ""): "PutBlob",
    ("PUT", 201, "blocklist"): "PutBlockList",
    ("PUT", 202, ""): "CopyBlob",
    ("DELETE", 202, ""): "DeleteBlob",
}
_TOPIC = (
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.Storage"
    f"/storageAccounts/{ACCOUNT}"
)
_DAMAGED = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Delivery:
    """How events are delivered: once, at once, in order and undamaged, unless a test asks for what Azure may do.

    Attributes:
        copies: how often each event is delivered.
        delay: seconds until a message can be received.
        reversed: whether the events of one second are delivered in the opposite order.
        damaged_names: whether the first character of each name is replaced by U+FFFD.
        encoded: whether messages are in base64.
        dropped: whether nothing is delivered at all.
    """

    copies: int = 1
    delay: int = 0
    reversed: bool = False
    damaged_names: bool = False
    encoded: bool = True
    dropped: bool = False


@dataclass(frozen=True)
class Operation:
    """One successful request that Event Grid reports. ``name`` is the blob's, decoded."""

    api: str
    name: str


class EventGrid:
    """Delivers events about blobs of one container, from the start of Azurite's log on.

    Attributes:
        requests: how many requests it has made to Azurite, to tell them from the app's.
    """

    def __init__(self, azurite: Azurite, delivery: Delivery, container: str, queue: str) -> None:
        self.requests = 0
        self._azurite = azurite
        self._delivery = delivery
        self._read = 0
        self._pending: deque[Operation] = deque()
        self._sequence = itertools.count(1)
        connection = azurite.connection_string
        blobs = BlobServiceClient.from_connection_string(connection, retry_total=0)
        self._container = blobs.get_container_client(container)
        self._queue = QueueClient.from_connection_string(
            connection,
            queue,
            retry_total=0,
            message_encode_policy=TextBase64EncodePolicy() if delivery.encoded else None,
        )

    @property
    def pending(self) -> int:
        """How many events have not been delivered yet."""
        return len(self._pending)

    def run(self, stop: threading.Event) -> None:
        """Deliver until ``stop`` is set. What storage does not take is delivered later."""
        while not stop.wait(1.0 if self._delivery.reversed else _LOOK_SECONDS):
            self._look_and_deliver()
        # What was uploaded since the last look: Azurite's next log begins without it.
        self._look_and_deliver()

    def _look_and_deliver(self) -> None:
        self._look()
        with suppress(AzureError):
            self._deliver_pending()

    def create_queue(self) -> None:
        """Create the queue unless it exists."""
        self.requests += 1
        with suppress(ResourceExistsError):
            self._queue.create_queue()

    def _look(self) -> None:
        with self._azurite.log.open("rb") as log:
            log.seek(self._read)
            text = log.read()
        complete = text[: text.rfind(b"\n") + 1]
        self._read += len(complete)
        operations = [*read_operations(complete.decode("utf-8", "replace"), self._container.container_name)]
        self._pending.extend(reversed(operations) if self._delivery.reversed else operations)

    def _deliver_pending(self) -> None:
        while self._pending:
            if not self._delivery.dropped:
                event = json.dumps(self._event(self._pending[0]), ensure_ascii=False)
                for _ in range(self._delivery.copies):
                    self.requests += 1
                    # Messages never expire: the app may be down for longer than a week.
                    self._queue.send_message(event, visibility_timeout=self._delivery.delay, time_to_live=-1)
            self._pending.popleft()

    def _event(self, operation: Operation) -> dict[str, Any]:
        name = _DAMAGED + operation.name[1:] if self._delivery.damaged_names else operation.name
        data = {
            "api": operation.api,
            "clientRequestId": str(uuid.uuid4()),
            "requestId": str(uuid.uuid4()),
            "blobType": "BlockBlob",
            "url": f"{self._container.url}/{name}",
            "sequencer": f"{next(self._sequence):032x}",
            "storageDiagnostics": {"batchId": str(uuid.uuid4())},
        }
        deleted = operation.api == "DeleteBlob"
        return {
            "topic": _TOPIC,
            "subject": f"/blobServices/default/containers/{self._container.container_name}/blobs/{name}",
            "eventType": f"Microsoft.Storage.Blob{'Deleted' if deleted else 'Created'}",
            "id": str(uuid.uuid4()),
            "data": data if deleted else data | self._state(operation.name),
            "dataVersion": "",
            "metadataVersion": "1",
            "eventTime": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }

    def _state(self, name: str) -> dict[str, Any]:
        """The blob's present state; nothing when it has been deleted since."""
        self.requests += 1
        try:
            properties = self._container.get_blob_client(name).get_blob_properties()
        except ResourceNotFoundError:
            return {}
        return {
            # Live events carry it without the quotes of the header.
            "eTag": properties.etag.strip('"'),
            "contentType": properties.content_settings.content_type,
            "contentLength": properties.size,
            "blobType": str(properties.blob_type.value),
        }


def read_operations(log: str, container: str = CONTAINER) -> Iterator[Operation]:
    """The operations that Event Grid reports, in lines of Azurite's access log."""
    for method, place, target, status in _LINE.findall(log):
        if place != container:
            continue
        name, _, text = target.partition("?")
        query = parse_qs(text)
        api = _OPERATIONS.get((method, int(status), query.get("comp", [""])[0]))
        if api and not query.keys() & {"snapshot", "versionid"}:
            yield Operation(api, unquote(name))


@contextmanager
def running_event_grid(
    azurite: Azurite, delivery: Delivery | None = None, *, container: str = CONTAINER, queue: str = EVENT_QUEUE
) -> Iterator[EventGrid]:
    """Deliver events from now on, of everything since Azurite started.

    Raises:
        AzureError: the queue cannot be created.
    """
    grid, stop = EventGrid(azurite, delivery or Delivery(), container, queue), threading.Event()
    grid.create_queue()
    thread = threading.Thread(target=grid.run, args=(stop,), name="event-grid", daemon=True)
    thread.start()
    try:
        yield grid
    finally:
        stop.set()
        thread.join()
