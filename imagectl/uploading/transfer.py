"""Send one file: in one request, as one block that is hashed while it is sent, or as blocks that several threads send.

Every blob gets its ``Content-MD5``. Storage computes it by itself only for blobs that come in one request
(https://learn.microsoft.com/rest/api/storageservices/put-blob), and the SDK makes that request from memory alone.
"""

import hashlib
import mimetypes
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Condition
from typing import BinaryIO
from uuid import uuid4
from zlib import crc32

from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobBlock, BlobClient, ContentSettings

from imagectl.uploading.slices import FileChangedError, HashedSlice, Slice

_MIB = 1024**2
_READ = 256 * 1024
# What is sent is read a second time: from the system's cache, unless the first reading is far ahead.
_PARTS_AHEAD = 16

# What Python's table lacks on some systems.
_MORE_TYPES = {".avif": "image/avif", ".heic": "image/heic", ".heif": "image/heif", ".webp": "image/webp"}

Sent = Callable[[int], None]
"""Called with a number of bytes that have arrived."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Which files are sent in which way; all in bytes.

    Attributes:
        request: up to this size in one request.
        one_block: up to this size as one block; larger files are resumed where an interrupted upload left off.
        block: of the blocks of larger files.
        memory: of the files that are in memory together; at least ``request``.
    """

    request: int = 8 * _MIB
    one_block: int = 64 * _MIB
    block: int = 8 * _MIB
    memory: int = 32 * _MIB


class Budget:
    """Bounds how many bytes of files are in memory."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._changed = Condition()

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            with self._changed:
                self._free += size
                self._changed.notify_all()


class Sender:
    """Sends files; threads share it.

    Args:
        blocks: runs the requests for the blocks of large files.
        sent: progress.
        sizes: which files are sent in which way.
    """

    def __init__(self, blocks: Executor, sent: Sent = lambda _size: None, sizes: Sizes = Sizes()) -> None:  # frozen
        self.sent = sent
        self._blocks, self._sizes = blocks, sizes
        self._budget = Budget(sizes.memory)

    def send(self, blob: BlobClient, path: Path) -> str:
        """Write the blob, over what has its name; returns its entity tag without quotes.

        Raises:
            AzureError: storage did not take it.
            OSError: the file cannot be read.
            FileChangedError: the file was changed meanwhile.
        """
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            if before.st_size <= self._sizes.request:
                answer = self._send_at_once(blob, file, before)
            elif before.st_size <= self._sizes.one_block:
                answer = self._send_as_one_block(blob, file, before)
            else:
                answer = self._send_in_blocks(blob, path, file, before)
        return str(answer["etag"]).strip('"')

    def _send_at_once(self, blob: BlobClient, file: BinaryIO, before: os.stat_result) -> dict[str, object]:
        with self._budget.holding(before.st_size):
            content = file.read(before.st_size)
            _require_unchanged(file, before)
            settings = content_settings(str(blob.blob_name))
            answer: dict[str, object] = blob.upload_blob(content, overwrite=True, content_settings=settings)
        self.sent(len(content))
        return answer

    def _send_as_one_block(self, blob: BlobClient, file: BinaryIO, before: os.stat_result) -> dict[str, object]:
        # Unique, because somebody else may be sending a blob of this name.
        content, block = HashedSlice(file, 0, before.st_size), _padded(uuid4().hex)
        blob.stage_block(block, content, before.st_size)  # type: ignore[arg-type]  # it reads, tells and seeks
        _require_unchanged(file, before)
        self.sent(before.st_size)
        return _commit(blob, [block], content.digest.digest())

    def _send_in_blocks(
        self, blob: BlobClient, path: Path, file: BinaryIO, before: os.stat_result
    ) -> dict[str, object]:
        staged, digest = _staged(blob), hashlib.md5(usedforsecurity=False)
        ids, waiting = list[str](), deque[Future[None]]()
        try:
            for part in parts(file, self._sizes.block, digest.update):
                ids.append(part.id)
                if part.id in staged:
                    self.sent(part.length)
                else:
                    waiting.append(self._blocks.submit(self._stage, blob, path, part, before))
                if len(waiting) > _PARTS_AHEAD:
                    waiting.popleft().result()
            for future in waiting:
                future.result()
        except BaseException:
            for future in waiting:
                future.cancel()
            raise
        _require_unchanged(file, before)
        return _commit(blob, ids, digest.digest())

    def _stage(self, blob: BlobClient, path: Path, part: "Part", before: os.stat_result) -> None:
        with path.open("rb") as file:
            # Another file may have taken its name: most editors save so.
            _require_unchanged(file, before)
            content = Slice(file, part.start, part.length)
            blob.stage_block(part.id, content, part.length)  # type: ignore[arg-type]  # it reads, tells and seeks
        self.sent(part.length)


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes one block.

    Attributes:
        id: says what is in it, so that a block is sent once also when an upload is repeated.
    """

    id: str
    start: int
    length: int


def parts(file: BinaryIO, size: int, read: Callable[[bytes], None]) -> Iterator[Part]:
    """The parts of a file; ``read`` is called with its bytes in order, before the part that they are in is yielded."""
    status = os.fstat(file.fileno())
    for number, start in enumerate(range(0, status.st_size, size)):
        checksum, length = 0, 0
        while length < size and (content := file.read(min(_READ, size - length))):
            read(content)
            checksum, length = crc32(content, checksum), length + len(content)
        yield Part(_padded(f"{number:05}-{checksum:08x}-{status.st_size:x}-{status.st_mtime_ns:x}"), start, length)


def _padded(block_id: str) -> str:
    """In 64 characters, the most: the ids of all blocks of a blob, also of those not committed, have one length."""
    return block_id.ljust(64)


def _commit(blob: BlobClient, ids: list[str], md5: bytes) -> dict[str, object]:
    settings = content_settings(str(blob.blob_name), md5)
    return dict(blob.commit_block_list([BlobBlock(each) for each in ids], content_settings=settings))


def _require_unchanged(file: BinaryIO, before: os.stat_result) -> None:
    if _version(os.fstat(file.fileno())) != _version(before):
        raise FileChangedError


def _version(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def md5_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()


def _staged(blob: BlobClient) -> frozenset[str]:
    """Blocks of an upload that did not come to its end; storage keeps them for a week."""
    try:
        return frozenset(block.id for block in blob.get_block_list("uncommitted")[1])
    except HttpResponseError:
        return frozenset()


def content_settings(name: str, md5: bytes | None = None) -> ContentSettings:
    """What storage keeps about the content of a blob: its type, guessed from the name, and its digest."""
    kind = _MORE_TYPES.get(Path(name).suffix.lower()) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return ContentSettings(content_type=kind, content_md5=bytearray(md5) if md5 else None)
