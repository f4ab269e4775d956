"""A seekable file over ranged reads: a header is read from a blob of any size in a few small requests."""

import io
import time
from collections.abc import Callable
from dataclasses import dataclass

from image_metadata.errors import HeaderRejectedError
from image_metadata.model import RejectionReason

FIRST_READ = 32 * 1024
"""Bytes of the first ranged request: holds the whole header of almost every file."""

_JUMP = 4 * 1024
_NEAR = 16 * 1024
_LARGEST_READ = 256 * 1024
_COUNTED_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Budget:
    """What one header may cost. Exceeding it is the rejection ``header_too_large``.

    Attributes:
        bytes: bytes fetched in all, the first read included.
        requests: ranged requests in all, the first included.
        seconds: from the making of the reader to the start of the last request; of each request only the first
            second counts, as one that takes longer is storage's trouble and does not make a rejection.
    """

    bytes: int = 4 * 1024 * 1024
    requests: int = 128
    seconds: float = 60.0


_DEFAULT_BUDGET = Budget()


class HeaderReader:
    """Binary, seekable, read-only file over ``fetch``; also good enough for Pillow's plugins.

    What was fetched is kept. A read far from the last one brings 4 KiB, near the end of the file its last 4 KiB; one
    that starts less than 16 KiB after the end of the last goes on there, and brings more each time, up to 256 KiB.

    Attributes:
        size: length of the whole file in bytes.
        first: what the first read brought.
        with_location: whether EXIF is to be asked where the picture was taken, which is personal data.
        trouble: what ``fetch`` raised, for those who must tell it from what a parser raised.
    """

    def __init__(
        self, fetch: Callable[[int, int], bytes], size: int, first: bytes = b"", budget: Budget = _DEFAULT_BUDGET
    ) -> None:
        """``fetch(offset, length)`` returns those bytes; ``first`` is what a read at offset 0 already brought."""
        self.size = size
        self.with_location = False
        self.trouble: Exception | None = None
        self._fetch = fetch
        self.first = first
        self._pieces = [(0, first)] if first else []
        self._window = _NEAR // 2
        self._budget = budget
        self._bytes_left = budget.bytes - len(first)
        self._requests_left = budget.requests - bool(first)
        self._deadline = time.monotonic() + budget.seconds
        self._position = 0

    def at(self, offset: int, length: int, ahead: int = 0) -> bytes:
        """Exactly ``length`` bytes from ``offset``; the place of ``read`` does not move.

        Where a request is needed, it brings ``ahead`` further bytes with it.

        Raises:
            HeaderRejectedError: the file ends before (corrupt), or the budget is used up (header_too_large).
        """
        end = offset + length
        if offset >= 0 and end <= len(self.first):
            return self.first[offset:end]
        found = self._range(offset, length, ahead) if offset >= 0 else b""
        if len(found) < length:
            raise HeaderRejectedError(
                RejectionReason.CORRUPT,
                f"truncated: expected {length} bytes at offset {offset}, found a file of {self.size} bytes",
            )
        return found

    def holds(self, offset: int, length: int) -> bool:
        """Whether ``at`` would answer without a request."""
        return any(start <= offset and offset + length <= start + len(piece) for start, piece in self._pieces)

    def read(self, length: int = -1) -> bytes:
        """As of a binary file: fewer bytes at the end of it, ``b""`` past it; all that is left when negative."""
        left = max(0, self.size - self._position)
        found = self._range(self._position, left if length is None or length < 0 else length)
        self._position += len(found)
        return found

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As of a binary file, with its ValueError for a place before the start."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError(f"expected a place in the file, found {base + offset}")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def _range(self, offset: int, length: int, ahead: int = 0) -> bytes:
        """The bytes from ``offset``, fewer than ``length`` only where the file ends."""
        end = min(offset + length, self.size)
        found = b""
        while offset < end:
            piece = self._held(offset, end) or self._load(offset, end, ahead)
            if not piece:
                break
            found = found + piece if found else piece
            offset += len(piece)
        return found

    def _held(self, offset: int, end: int) -> bytes:
        for start, piece in reversed(self._pieces):
            if start <= offset < start + len(piece):
                return piece[offset - start : end - start]
        return b""

    def _load(self, offset: int, end: int, ahead: int) -> bytes:
        last_start, last_piece = self._pieces[-1] if self._pieces else (0, b"")
        last_end = last_start + len(last_piece)
        goes_on = 0 <= offset - last_end < _NEAR
        start = last_end if goes_on else max(0, min(offset, self.size - _JUMP))
        wanted = max(start + self._next_window(goes_on=goes_on), end + ahead)
        piece = self._request(start, min(wanted, self.size) - start, end - start)
        self._pieces.append((start, piece))
        if start == 0:
            self.first = piece
        return piece[offset - start : end - start]

    def _next_window(self, *, goes_on: bool) -> int:
        if goes_on and not self._pieces:
            return FIRST_READ
        self._window = min(2 * self._window, _LARGEST_READ) if goes_on else _JUMP
        return self._window

    def _request(self, offset: int, length: int, needed: int) -> bytes:
        """Up to ``length`` bytes as far as the budget goes, and ``needed`` at least."""
        length = min(length, self._bytes_left)
        if length < needed or self._requests_left <= 0 or time.monotonic() > self._deadline:
            raise HeaderRejectedError(
                RejectionReason.HEADER_TOO_LARGE,
                f"expected the header within {self._budget.bytes} bytes, {self._budget.requests} requests and "
                f"{self._budget.seconds:g} seconds, found more",
            )
        self._bytes_left -= length
        self._requests_left -= 1
        begun = time.monotonic()
        try:
            return self._fetch(offset, length)[:length]
        except Exception as error:
            self.trouble = error
            raise
        finally:
            self._deadline += max(0.0, time.monotonic() - begun - _COUNTED_SECONDS)
