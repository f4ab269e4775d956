"""Listing a container page by page on a real Azurite."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from azure.storage.blob import BlobServiceClient
from azure.storage.blob.aio import ContainerClient

from functions_emulator.blobs.listing import Listing
from functions_emulator.blobs.page import ListedBlob, ListingError, Pages
from imagectl.local.azurite import Azurite

NAMES = [f"{number:03} é&<😀.png" for number in range(23)]


@asynccontextmanager
async def opened(connection: str, container: str, prefix: str = "") -> AsyncIterator[Listing]:
    async with ContainerClient.from_connection_string(connection, container) as client:
        pages = Pages(client)
        try:
            yield Listing(pages, prefix, page_size=10)
        finally:
            await pages.close()


async def listed(connection: str, container: str, prefix: str = "") -> list[ListedBlob]:
    async with opened(connection, container, prefix) as listing:
        return [blob async for blob in listing.blobs()]


def test_more_blobs_than_a_page_are_all_listed_with_the_etags_that_the_sdk_lists(azurite: Azurite):
    container = BlobServiceClient.from_connection_string(azurite.connection_string).create_container("inbox")
    for name in NAMES:
        container.upload_blob(name, b"x")
    blobs = asyncio.run(listed(azurite.connection_string, "inbox"))
    assert [(blob.name, blob.etag) for blob in blobs] == [(blob.name, blob.etag) for blob in container.list_blobs()]
    assert {(blob.container, blob.blob_type) for blob in blobs} == {("inbox", "BlockBlob")}


def test_only_names_with_the_prefix_are_listed(azurite: Azurite):
    container = BlobServiceClient.from_connection_string(azurite.connection_string).create_container("inbox")
    for name in ("raw/a&b+c", "raw/2", "other"):
        container.upload_blob(name, b"x")
    blobs = asyncio.run(listed(azurite.connection_string, "inbox", "raw/a&b+"))
    assert [blob.name for blob in blobs] == ["raw/a&b+c"]


def test_a_missing_container_is_an_error_with_status_and_code(azurite: Azurite):
    with pytest.raises(ListingError) as error:
        asyncio.run(listed(azurite.connection_string, "missing"))
    assert (error.value.status, error.value.code) == (404, "ContainerNotFound")


async def listed_again_after(
    connection: str, change: Callable[[], object]
) -> tuple[list[ListedBlob], list[ListedBlob]]:
    async with opened(connection, "inbox") as listing:
        before = [blob async for blob in listing.blobs()]
        await asyncio.to_thread(change)
        return before, [blob async for blob in listing.blobs()]


def test_pages_that_did_not_change_are_not_read_again_and_a_changed_one_is(azurite: Azurite):
    container = BlobServiceClient.from_connection_string(azurite.connection_string).create_container("inbox")
    for name in NAMES:
        container.upload_blob(name, b"x")
    before, after = asyncio.run(
        listed_again_after(
            azurite.connection_string, lambda: container.upload_blob(NAMES[12], b"overwritten", overwrite=True)
        )
    )
    read_again = [one is not other for one, other in zip(before, after, strict=True)]
    assert read_again == [False] * 10 + [True] * 10 + [False] * 3
    assert [blob.etag for blob in after] == [blob.etag for blob in container.list_blobs()]
