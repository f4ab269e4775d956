"""Bytes over ranged reads: the header of a blob of any size is read in a few small requests."""

import time
from collections.abc import Callable
from typing import NamedTuple

from image_metadata.headers.rejections import corrupt, too_large

FIRST_READ = 32 * 1024
"""Bytes of the first ranged request: holds the whole header of almost every file."""

_JUMP = 4 * 1024
_NEAR = 16 * 1024
_LARGEST_READ = 256 * 1024
_COUNTED_SECONDS = 1.0


class Budget(NamedTuple):
    """What one header may cost. Exceeding it is the rejection ``header_too_large``.

    Attributes:
        bytes: bytes fetched in total, including the first read.
        requests: ranged requests in total, including the first.
        reads: calls of ``HeaderReader.at`` in total. Every parser takes each of its steps (a box, a chunk, an
            entry) by one, so that this bounds the processor time of a hostile file; the markers of a JPEG that are
            held are counted by its parser instead.
        seconds: from the creation of the reader to the start of the last request. Of each request only the first
            second counts, so that slow storage never causes a rejection.
    """

    bytes: int = 4 * 1024 * 1024
    requests: int = 128
    reads: int = 200_000
    seconds: float = 60.0


_DEFAULT_BUDGET = Budget()


class HeaderReader:
    """The bytes of a file over ``fetch``.

    Everything that was fetched is kept. A read that starts less than 16 KiB after the end of the last request
    continues there and fetches more each time, up to 256 KiB. Any other read fetches 4 KiB; near the end of the
    file, its last 4 KiB.

    Attributes:
        size: length of the whole file in bytes.
        reads: calls of ``at`` so far.
        requests: ranged requests so far, including the one that brought ``first``.
        first: the bytes from the start of the file that the first read returned.
    """

    def __init__(
        self, fetch: Callable[[int, int], bytes], size: int, first: bytes = b"", budget: Budget = _DEFAULT_BUDGET
    ) -> None:
        """``fetch(offset, length)`` returns those bytes; ``first`` holds those already read from offset 0."""
        self.size = size
        self.reads = 0
        self.requests = int(bool(first))
        self._fetch = fetch
        self.first = first
        self._pieces = [(0, first)] if first else []
        self._window = _NEAR // 2
        self._budget = budget
        self._bytes_left = budget.bytes - len(first)
        self._deadline = time.monotonic() + budget.seconds

    @property
    def fetched(self) -> int:
        """Bytes fetched so far."""
        return self._budget.bytes - self._bytes_left

    def at(self, offset: int, length: int, ahead: int = 0) -> bytes:
        """Exactly ``length`` bytes from ``offset``.

        If a request is needed, it fetches up to ``ahead`` further bytes.

        Raises:
            HeaderRejectedError: the file ends too early (corrupt), or the budget is exhausted (header_too_large).
        """
        self.reads += 1
        if self.reads > self._budget.reads:
            raise too_large(f"the header within {self._budget.reads} reads")
        end = offset + length
        if offset >= 0 and end <= len(self.first):
            return self.first[offset:end]
        data = self._range(offset, length, ahead) if offset >= 0 else b""
        if len(data) < length:
            raise corrupt(f"{length} bytes at offset {offset}", f"a truncated file of {self.size} bytes")
        return data

    def holds(self, offset: int, length: int) -> bool:
        """Whether ``at`` would answer without a request."""
        end = offset + length
        if offset >= 0 and end <= len(self.first):
            return True
        for start, piece in sorted(self._pieces):
            if start <= offset < start + len(piece):
                offset = start + len(piece)
        return offset >= end

    def prefetch(self, offset: int, length: int) -> None:
        """Fetch exactly this range, as far as the file goes, in one request; none where it is held.

        Raises:
            HeaderRejectedError: the budget is exhausted (header_too_large).
        """
        length = min(length, self.size - offset)
        if length > 0 and not self.holds(offset, length):
            self._pieces.append((offset, self._request(offset, length, length)))

    def _range(self, offset: int, length: int, ahead: int = 0) -> bytes:
        """The bytes from ``offset``, fewer than ``length`` only where the file ends."""
        end = min(offset + length, self.size)
        data = b""
        while offset < end:
            piece = self._held(offset, end) or self._load(offset, end, ahead)
            if not piece:
                break
            data = data + piece if data else piece
            offset += len(piece)
        return data

    def _held(self, offset: int, end: int) -> bytes:
        for start, piece in reversed(self._pieces):
            if start <= offset < start + len(piece):
                return piece[offset - start : end - start]
        return b""

    def _load(self, offset: int, end: int, ahead: int) -> bytes:
        last_start, last_piece = self._pieces[-1] if self._pieces else (0, b"")
        last_end = last_start + len(last_piece)
        continues = 0 <= offset - last_end < _NEAR
        start = last_end if continues else max(0, min(offset, self.size - _JUMP))
        # Where a gap is read too, the window must still reach behind it.
        wanted = max(start + self._next_window(continues=continues), offset + _JUMP, end + ahead)
        piece = self._request(start, min(wanted, self.size) - start, end - start)
        self._pieces.append((start, piece))
        if start == 0:
            self.first = piece
        return piece[offset - start : end - start]

    def _next_window(self, *, continues: bool) -> int:
        if continues and not self._pieces:
            return FIRST_READ
        self._window = min(2 * self._window, _LARGEST_READ) if continues else _JUMP
        return self._window

    def _request(self, offset: int, length: int, needed: int) -> bytes:
        """Up to ``length`` bytes as far as the budget allows, and at least ``needed``."""
        length = min(length, self._bytes_left)
        if length < needed or self.requests >= self._budget.requests or time.monotonic() > self._deadline:
            raise too_large(
                f"the header within {self._budget.bytes} bytes, {self._budget.requests} requests and "
                f"{self._budget.seconds:g} seconds"
            )
        self._bytes_left -= length
        self.requests += 1
        started = time.monotonic()
        try:
            return self._fetch(offset, length)[:length]
        finally:
            self._deadline += max(0.0, time.monotonic() - started - _COUNTED_SECONDS)


def in_memory(data: bytes) -> HeaderReader:
    """A reader of bytes that are all there."""
    return HeaderReader(lambda _offset, _length: b"", len(data), first=data)
