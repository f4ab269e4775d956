"""Parts of files as requests read them."""

import hashlib
import os
from io import UnsupportedOperation
from typing import BinaryIO


# Not an OSError: the layers below the SDK would take it for a broken connection.
class FileChangedError(Exception):
    """A file was changed while it was sent."""


class Slice:
    """A part of a file as a request reads it, again from its start when the request is repeated."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self._file, self._start, self._length = file, start, length
        self.seek(0)

    def read(self, size: int = -1) -> bytes:
        left = self._length - self.tell()
        content = self._file.read(left if size < 0 else min(size, left))
        if left and size and not content:
            # Storage would wait for the rest.
            raise FileChangedError
        return content

    def tell(self) -> int:
        return self._file.tell() - self._start

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        if whence != os.SEEK_SET:
            raise UnsupportedOperation("expected a position from the start")
        return self._file.seek(self._start + position) - self._start


class HashedSlice(Slice):
    """A part that is read from its start to its end, and its MD5 with it.

    Attributes:
        digest: of what was read.
    """

    def read(self, size: int = -1) -> bytes:
        content = super().read(size)
        self.digest.update(content)
        return content

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        if position:
            raise UnsupportedOperation("expected the start")
        self.digest = hashlib.md5(usedforsecurity=False)
        return super().seek(position, whence)
