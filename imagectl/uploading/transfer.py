"""Send one file: in one request, or as blocks that several threads send.

Every blob gets its ``Content-MD5``, which storage computes by itself only for blobs that come in one request.
"""

import hashlib
import mimetypes
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition
from zlib import crc32

from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobBlock, BlobClient, ContentSettings

BLOCK = 8 * 1024**2
_WHOLE = BLOCK
_RESUMED = 64 * 1024**2
_READ = 256 * 1024
_BYTES_IN_MEMORY = 4 * _WHOLE

# What Python's table lacks on some systems.
_MORE_TYPES = {".avif": "image/avif", ".heic": "image/heic", ".heif": "image/heif", ".webp": "image/webp"}

Sent = Callable[[int], None]
"""Called with a number of bytes that have arrived."""


class Budget:
    """Bounds how many bytes of files are in memory."""

    def __init__(self, size: int = _BYTES_IN_MEMORY) -> None:
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


class Slice:
    """A part of a file as a request reads it, again from its start when the request is repeated."""

    def __init__(self, path: Path, start: int, length: int) -> None:
        self._file = path.open("rb")
        self._start, self._length = start, length
        self.seek(0)

    def read(self, size: int = -1) -> bytes:
        left = self._length - self.tell()
        return self._file.read(left if size < 0 else min(size, left))

    def tell(self) -> int:
        return self._file.tell() - self._start

    def seek(self, position: int) -> int:
        return self._file.seek(self._start + position) - self._start

    def close(self) -> None:
        self._file.close()


@dataclass(frozen=True)
class Sender:
    """Sends files; threads share it.

    Attributes:
        blocks: runs the requests for blocks.
        sent: progress.
    """

    blocks: Executor
    sent: Sent = lambda _size: None
    budget: Budget = field(default_factory=Budget)

    def send(self, blob: BlobClient, path: Path, size: int) -> str:
        """Write the blob, over what has its name; returns its entity tag without quotes.

        Raises:
            AzureError: storage did not take it.
            OSError: the file cannot be read, or was changed meanwhile.
        """
        answer = self._send_whole(blob, path, size) if size <= _WHOLE else self._send_blocks(blob, path)
        return str(answer["etag"]).strip('"')

    def _send_whole(self, blob: BlobClient, path: Path, size: int) -> dict[str, object]:
        with self.budget.holding(min(size, _BYTES_IN_MEMORY)):
            content = path.read_bytes()
            settings = content_settings(str(blob.blob_name), hashlib.md5(content, usedforsecurity=False).digest())
            answer: dict[str, object] = blob.upload_blob(content, overwrite=True, content_settings=settings)
        self.sent(len(content))
        return answer

    def _send_blocks(self, blob: BlobClient, path: Path) -> dict[str, object]:
        before = path.stat()
        staged = _staged(blob) if before.st_size >= _RESUMED else frozenset()
        digest, parts, waiting = hashlib.md5(usedforsecurity=False), list[Part](), list[Future[None]]()
        try:
            for part in _parts(path, digest.update):
                parts.append(part)
                waiting.append(self.blocks.submit(self._stage, blob, path, part, is_staged=part.id in staged))
                _raise_first(waiting)
            for future in waiting:
                future.result()
        except BaseException:
            for future in waiting:
                future.cancel()
            raise
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise OSError(0, "it was changed while it was sent")
        settings = content_settings(str(blob.blob_name), digest.digest())
        return dict(blob.commit_block_list([BlobBlock(part.id) for part in parts], content_settings=settings))

    def _stage(self, blob: BlobClient, path: Path, part: "Part", *, is_staged: bool) -> None:
        if not is_staged:
            with closing(Slice(path, part.start, part.length)) as content:
                blob.stage_block(part.id, content, part.length)  # type: ignore[arg-type]  # it reads, tells and seeks
        self.sent(part.length)


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes one block.

    Attributes:
        id: says what is in it, so that a block is sent once also when an upload is repeated; at most 64 characters.
    """

    id: str
    start: int
    length: int


def _parts(path: Path, read: Callable[[bytes], None]) -> Iterator[Part]:
    """The parts of a file; ``read`` is called with its bytes in order, before the part that they are in is yielded."""
    status = path.stat()
    with path.open("rb") as file:
        for number, start in enumerate(range(0, status.st_size, BLOCK)):
            checksum, length = 0, 0
            while length < BLOCK and (content := file.read(_READ)):
                read(content)
                checksum, length = crc32(content, checksum), length + len(content)
            yield Part(f"{number:05}-{checksum:08x}-{status.st_size:x}-{status.st_mtime_ns:x}".ljust(64), start, length)


def md5_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()


def _raise_first(futures: list[Future[None]]) -> None:
    """Raise what a block failed with, so that a file is not read to its end in vain."""
    for future in futures:
        if future.done():
            future.result()


def _staged(blob: BlobClient) -> frozenset[str]:
    """Blocks of an upload that did not come to its end; storage keeps them for a week."""
    try:
        return frozenset(block.id for block in blob.get_block_list("uncommitted")[1])
    except HttpResponseError:
        return frozenset()


def content_settings(name: str, md5: bytes) -> ContentSettings:
    """What storage keeps about the content of a blob: its type, guessed from the name, and its digest."""
    kind = _MORE_TYPES.get(Path(name).suffix.lower()) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return ContentSettings(content_type=kind, content_md5=bytearray(md5))
