"""Reads a file's header as the product does, and counts requests, bytes and reads."""

from dataclasses import dataclass

from image_metadata import read_header
from image_metadata.headers.reader import HeaderReader
from image_metadata.model import ImageHeader


@dataclass
class CountedFile:
    """Bytes behind ranged reads.

    Attributes:
        requests: ranged reads so far.
        fetched: bytes that they answered with.
        reads: reads of the parser, with or without a request.
    """

    data: bytes
    requests: int = 0
    fetched: int = 0
    reads: int = 0

    def fetch(self, offset: int, length: int) -> bytes:
        answer = self.data[offset : offset + length]
        self.requests += 1
        self.fetched += len(answer)
        return answer

    def header(self, name: str) -> ImageHeader:
        """The header of this file under that name.

        Raises:
            HeaderRejectedError: as ``read_header``.
        """
        source = HeaderReader(self.fetch, len(self.data))
        try:
            return read_header(source, name)
        finally:
            self.reads = source.reads
