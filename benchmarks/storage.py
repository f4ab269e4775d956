"""The blobs that are measured, on a real Azurite, and what a call fetches from it."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobBlock, BlobClient, BlobServiceClient

CONTAINER = "benchmark"

BLOCK = 4 * 1024 * 1024
"""Bytes of a block of a large blob."""


@dataclass
class Traffic:
    """What went through the SDK's transport: requests, and bytes of the bodies of the answers."""

    requests: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Store:
    """One container of an Azurite of the benchmark's own."""

    connection_string: str

    def create(self) -> None:
        with self._service() as service:
            service.create_container(CONTAINER)

    def put(self, name: str, data: bytes) -> None:
        with self._service() as service:
            service.get_blob_client(CONTAINER, name).upload_blob(data, overwrite=True)

    def put_large(self, name: str, head: bytes, blocks: int, tail: bytes) -> None:
        """``head``, that many blocks of zeros, ``tail``; never more than one block in memory."""
        with self._service() as service:
            blob = service.get_blob_client(CONTAINER, name)
            zeros = bytes(BLOCK)
            parts = [("head", head), *[(f"zeros-{number}", zeros) for number in range(blocks)], ("tail", tail)]
            blob.commit_block_list([_stage(blob, *part) for part in parts])

    def _service(self) -> BlobServiceClient:
        return BlobServiceClient.from_connection_string(self.connection_string)


def _stage(blob: BlobClient, name: str, data: bytes) -> BlobBlock:
    number = base64.b64encode(name.ljust(16).encode()).decode()
    blob.stage_block(number, data)
    return BlobBlock(number)


@contextmanager
def counted() -> Iterator[Traffic]:
    """Count what every SDK client in this process sends and receives, whoever made it."""
    traffic = Traffic()
    send = RequestsTransport.send

    def counting_send(transport: RequestsTransport, request: Any, **options: Any) -> Any:
        answer = send(transport, request, **options)
        traffic.requests += 1
        traffic.bytes += int(answer.headers.get("Content-Length", 0))
        return answer

    with patch.object(RequestsTransport, "send", counting_send):
        yield traffic
