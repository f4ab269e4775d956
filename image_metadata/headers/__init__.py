"""Image headers: what a file says about its image, without decoding a pixel.

``read_header`` is the one way in; each format is one module with ``read(source)``. ``EXTRACTOR_VERSION`` is stored with
every row: it is raised whenever the same bytes give other values or another rejection than before, so that the rows
of an older version can be found and extracted again.
"""

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers.formats import MEDIA_TYPES, find_reader
from image_metadata.headers.reader import HeaderReader
from image_metadata.model import ImageHeader, RejectionReason

__all__ = ["EXTRACTOR_VERSION", "MEDIA_TYPES", "read_header"]

EXTRACTOR_VERSION = 3
"""Version of what is extracted; rows from before it was counted have none."""

_LARGEST_SIDE = 2**31 - 1


def read_header(source: HeaderReader, file_name: str) -> ImageHeader:
    """Read the header of one image; ``file_name`` matters only to TGA, which has no signature.

    Only a parser that rejects the bytes makes a rejection. No other exception is about the bytes: it is an error of
    ``fetch``, of the machine or of this code, and passes through.

    Raises:
        HeaderRejectedError: for every content that is not an image of a known format with a sound header.
        Exception: what the source's ``fetch`` raised.
    """
    if source.size == 0:
        raise HeaderRejectedError(RejectionReason.EMPTY, "expected an image, found a file of 0 bytes")
    header = find_reader(source, file_name)(source)
    if not (0 < header.width <= _LARGEST_SIDE and 0 < header.height <= _LARGEST_SIDE):
        raise HeaderRejectedError(
            RejectionReason.INVALID_DIMENSIONS,
            f"expected 1 to {_LARGEST_SIDE} pixels a side, found {header.width} x {header.height} ({header.format})",
        )
    return header
