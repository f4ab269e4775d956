"""Lists a container."""

from collections.abc import AsyncIterator

from azure.storage.blob import BlobProperties
from azure.storage.blob.aio import ContainerClient


async def list_blobs(container: ContainerClient, prefix: str) -> AsyncIterator[BlobProperties]:
    async for blob in container.list_blobs(name_starts_with=prefix or None):
        yield blob
