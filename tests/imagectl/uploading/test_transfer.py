"""Files on their way to real storage: in one request, as one block, in many blocks."""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from azure.storage.blob import BlobClient

from imagectl.local.azurite import Azurite
from imagectl.pipeline.storage_client import container_client
from imagectl.uploading.slices import FileChangedError
from imagectl.uploading.transfer import Sender, Sizes, parts
from tests.imagectl.stack import Stack
from tests.support import access_log
from tests.support.proxy import Fault, Kind, Proxy

SIZE = 500_000
AT_ONCE = Sizes(request=SIZE)
ONE_BLOCK = Sizes(request=SIZE - 1, one_block=SIZE)
MANY_BLOCKS = Sizes(request=SIZE - 1, one_block=SIZE - 1, block=SIZE // 5)
WAYS = pytest.mark.parametrize("sizes", [AT_ONCE, ONE_BLOCK, MANY_BLOCKS], ids=["at once", "one block", "many blocks"])
IN_BLOCKS = pytest.mark.parametrize("sizes", [ONE_BLOCK, MANY_BLOCKS], ids=["one block", "many blocks"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "large.png"
    path.write_bytes(os.urandom(SIZE))
    return path


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@WAYS
def test_a_blob_has_the_content_the_md5_and_the_type_of_its_file(
    stack: Stack, file: Path, threads: ThreadPoolExecutor, sizes: Sizes
):
    arrived: list[int] = []
    etag = Sender(threads, arrived.append, sizes).send(stack.container.get_blob_client(file.name), file)
    assert sum(arrived) == SIZE
    require_sent(stack, file)
    properties = stack.container.get_blob_client(file.name).get_blob_properties()
    assert properties.etag == f'"{etag}"'
    assert properties.content_settings.content_type == "image/png"


@pytest.fixture
def proxy(stack: Stack, watched_azurite: Azurite, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Stands before the storage that the settings name."""
    port = urlsplit(stack.container.url).port
    assert port
    with Proxy(port, seed=1) as proxy:
        behind = watched_azurite.connection_string
        monkeypatch.setenv("ImageStorage", behind.replace(f":{port}/", f":{proxy.port}/"))
        yield proxy


@WAYS
@pytest.mark.usefixtures("no_waiting")
def test_a_request_that_storage_throttles_is_repeated_with_all_of_its_content(
    stack: Stack, file: Path, threads: ThreadPoolExecutor, sizes: Sizes, proxy: Proxy
):
    proxy.inject(Fault(Kind.BUSY, b"x-ms-blob-type" if sizes is AT_ONCE else b"comp=block&"))
    with container_client("image-input") as container:
        Sender(threads, sizes=sizes).send(container.get_blob_client(file.name), file)
    assert proxy.hits == 1
    require_sent(stack, file)


@IN_BLOCKS
@pytest.mark.parametrize("change", [b"", os.urandom(SIZE + 1)], ids=["shorter", "longer"])
def test_a_file_that_is_changed_while_it_is_sent_leaves_no_blob(
    stack: Stack, file: Path, threads: ThreadPoolExecutor, sizes: Sizes, change: bytes
):
    class Changing(BlobClient):
        """Another program writes the file while its blocks are sent."""

        def stage_block(self, *arguments: Any, **options: Any) -> Any:
            file.write_bytes(change)
            return super().stage_block(*arguments, **options)

    blob = Changing.from_blob_url(
        stack.container.get_blob_client(file.name).url, credential=stack.container.credential.account_key
    )
    with pytest.raises(FileChangedError):
        Sender(threads, sizes=sizes).send(blob, file)
    assert not blob.exists()


def test_a_file_that_another_one_replaces_while_its_blocks_are_sent_leaves_no_blob(
    stack: Stack, file: Path, tmp_path: Path
):
    class Replacing(BlobClient):
        """An editor saves the file."""

        def stage_block(self, *arguments: Any, **options: Any) -> Any:
            if other.exists():
                other.replace(file)
            return super().stage_block(*arguments, **options)

    other = tmp_path / "saved.png"
    other.write_bytes(os.urandom(SIZE))
    blob = Replacing.from_blob_url(
        stack.container.get_blob_client(file.name).url, credential=stack.container.credential.account_key
    )
    with ThreadPoolExecutor(1) as thread, pytest.raises(FileChangedError):
        Sender(thread, sizes=MANY_BLOCKS).send(blob, file)
    assert not blob.exists()


def test_blocks_that_an_interrupted_upload_left_are_not_sent_again(
    stack: Stack, file: Path, threads: ThreadPoolExecutor, watched_azurite: Azurite
):
    blob, requests = stack.container.get_blob_client(file.name), f"image-input/{file.name}?comp=block&"
    with file.open("rb") as opened:
        blocks = list(parts(opened, MANY_BLOCKS.block, lambda _content: None))
    for block in blocks[:3]:
        blob.stage_block(block.id, file.read_bytes()[block.start : block.start + block.length])
    before = access_log.requests(watched_azurite, "PUT", requests)
    Sender(threads, sizes=MANY_BLOCKS).send(blob, file)
    assert access_log.requests(watched_azurite, "PUT", requests) - before == len(blocks) - 3
    require_sent(stack, file)


def require_sent(stack: Stack, file: Path) -> None:
    """Its blob is exactly the file."""
    downloaded = stack.container.download_blob(file.name)
    content = file.read_bytes()
    assert downloaded.readall() == content
    assert downloaded.properties.content_settings.content_md5 == hashlib.md5(content, usedforsecurity=False).digest()
