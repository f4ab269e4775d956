"""An Azurite of the benchmark's own, the blobs in it, and what it was asked for."""

import base64
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobBlock, BlobServiceClient, ContainerClient
from azure.storage.queue import QueueClient, TextBase64EncodePolicy

from benchmarks.errors import BenchmarkError
from benchmarks.relay import Relay
from image_metadata.intake import CONTAINER
from imagectl.local.azurite import ACCOUNT, Azurite, running_azurite
from tests.support.events import event

QUEUE = "image-events"
BLOCK = 4 * 1024 * 1024
"""Bytes of a block of a large blob."""

_RECEIPTS = "azure-webjobs-hosts"
_LINE = re.compile(rf'"(?P<method>[A-Z]+) /{ACCOUNT}/(?P<path>\S*) HTTP/1.1" \d+ (?P<length>\d+|-)')
_ENDPOINT = re.compile(r"(?P<kind>Blob|Queue)Endpoint=http://127\.0\.0\.1:(?P<port>\d+)")
_LOG_SECONDS = 30
_PARALLEL_UPLOADS = 8


@dataclass(frozen=True)
class Request:
    """One line of Azurite's access log.

    Attributes:
        kind: what it was for; ``listing`` and ``polling`` are not made for an image.
        content_length: bytes of the answer's body, 0 where Azurite does not log it.
    """

    kind: str
    content_length: int


@dataclass(frozen=True)
class Storage:
    """A running Azurite with the container of images and the queue of events."""

    azurite: Azurite

    @property
    def connection_string(self) -> str:
        return self.azurite.connection_string

    @property
    def container(self) -> ContainerClient:
        return BlobServiceClient.from_connection_string(self.connection_string).get_container_client(CONTAINER)

    def put(self, blobs: Iterable[tuple[str, bytes]], *, announce: bool = False) -> None:
        """Upload the blobs in parallel; ``announce`` each with an event, as Event Grid does."""
        with self.container as container, self._queue() as queue, ThreadPoolExecutor(_PARALLEL_UPLOADS) as pool:

            def upload(name: str, data: bytes) -> None:
                etag = container.get_blob_client(name).upload_blob(data, overwrite=True)["etag"]
                if announce:
                    queue.send_message(event(name, etag))

            for done in [pool.submit(upload, *blob) for blob in blobs]:
                done.result()

    def put_large(self, name: str, head: bytes, blocks: int, tail: bytes) -> None:
        """Upload ``head``, that many blocks of zeros and ``tail`` as one blob; one block is in memory at a time."""
        with self.container as container:
            blob, zeros = container.get_blob_client(name), bytes(BLOCK)
            parts = [("head", head), *[(f"zeros-{number}", zeros) for number in range(blocks)], ("tail", tail)]
            identified = [(base64.b64encode(part.ljust(16).encode()).decode(), data) for part, data in parts]
            for identity, data in identified:
                blob.stage_block(identity, data)
            blob.commit_block_list([BlobBlock(identity) for identity, _ in identified])

    def announce(self, prefix: str = "") -> None:
        """Put an event for each of these blobs into the queue, as Event Grid does after an upload."""
        with self.container as container, self._queue() as queue:
            for blob in container.list_blobs(name_starts_with=prefix):
                queue.send_message(event(blob.name, blob.etag))

    def forget_deliveries(self) -> None:
        """Delete the receipts and the messages, so that the next host takes every blob for a new one."""
        service = BlobServiceClient.from_connection_string(self.connection_string)
        with service, suppress(ResourceNotFoundError):
            service.delete_container(_RECEIPTS)
        with self._queue() as queue:
            queue.clear_messages()

    def empty(self) -> None:
        """Delete every blob and what `forget_deliveries` deletes."""
        with self.container as container:
            container.delete_container()
            container.create_container()
        self.forget_deliveries()

    def log_position(self) -> int:
        """Where the access log ends, once it has a line for every request that was answered."""
        # Azurite writes a line after its answer: what came before a marker is there when the marker is.
        marker = secrets.token_hex(8)
        with closing(HTTPConnection("127.0.0.1", ports(self.connection_string)["Blob"], timeout=_LOG_SECONDS)) as http:
            http.request("GET", f"/{ACCOUNT}/{marker}")
        deadline = time.monotonic() + _LOG_SECONDS
        while marker.encode() not in (log := self.azurite.log.read_bytes()):
            if time.monotonic() > deadline:
                raise BenchmarkError(f"expected Azurite to log a request within {_LOG_SECONDS} s, but it did not")
            time.sleep(0.01)
        return len(log)

    def requests(self, start: int, end: int) -> list[Request]:
        """What was asked for between two positions of the log."""
        text = self.azurite.log.read_bytes()[start:end].decode("utf-8", "replace")
        return [_request(**line.groupdict()) for line in _LINE.finditer(text)]

    def _queue(self) -> QueueClient:
        return QueueClient.from_connection_string(
            self.connection_string, QUEUE, message_encode_policy=TextBase64EncodePolicy()
        )


@contextmanager
def running_storage(folder: Path) -> Iterator[Storage]:
    """Run an Azurite that keeps its data in ``folder``, with an empty container and queue."""
    with restarted_storage(folder) as storage:
        with storage.container as container:
            container.create_container()
        with QueueClient.from_connection_string(storage.connection_string, QUEUE) as queue:
            queue.create_queue()
        yield storage


@contextmanager
def restarted_storage(folder: Path) -> Iterator[Storage]:
    """Run an Azurite with the data that an earlier one has left in ``folder``."""
    with running_azurite(folder) as azurite:
        yield Storage(azurite)


@contextmanager
def counting_relays(storage: Storage) -> Iterator[tuple[str, dict[str, Relay]]]:
    """Put a relay in front of blob and queue service; gives the connection string that leads through them.

    Their ``matches`` are the answers of a queue that had no message.
    """
    with ExitStack() as stack:
        relays = {
            kind: stack.enter_context(Relay(port, pattern=b"<QueueMessagesList/>"))
            for kind, port in ports(storage.connection_string).items()
        }
        yield through(storage.connection_string, relays), relays


def ports(connection_string: str) -> dict[str, int]:
    """The ports of Azurite's blob and queue services."""
    return {found["kind"]: int(found["port"]) for found in _ENDPOINT.finditer(connection_string)}


def through(connection_string: str, relays: dict[str, Relay]) -> str:
    """The connection string with the ports of the relays."""

    def replace(found: re.Match[str]) -> str:
        kind = found["kind"]
        return f"{kind}Endpoint=http://127.0.0.1:{relays[kind].port if kind in relays else found['port']}"

    return _ENDPOINT.sub(replace, connection_string)


def by_kind(requests: Iterable[Request]) -> Counter[str]:
    """The number of requests of each kind."""
    return Counter(request.kind for request in requests)


def _request(method: str, path: str, length: str) -> Request:
    content_length = int(length) if length.isdigit() and method == "GET" else 0
    return Request(_kind(method, path), content_length)


def _kind(method: str, path: str) -> str:
    if path.startswith(f"{QUEUE}/messages"):
        return {"GET": "queue receive", "DELETE": "queue delete", "PUT": "queue update"}.get(method, "queue send")
    if "comp=list" in path or "restype=container" in path or not path.startswith((CONTAINER, _RECEIPTS)):
        return "listing"
    if path.startswith(_RECEIPTS):
        return "receipt"
    return {"GET": "blob read", "HEAD": "blob properties"}.get(method, "upload")
