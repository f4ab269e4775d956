"""Image headers: what a file says about its image, without decoding a pixel.

``read_header`` is the one way in; each format is one module with ``read(source)``.
"""

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers.formats import MEDIA_TYPES, find_reader
from image_metadata.headers.reader import HeaderReader
from image_metadata.model import ImageHeader, RejectionReason
from image_metadata.text import printable

__all__ = ["MEDIA_TYPES", "read_header"]

_LARGEST_SIDE = 2**31 - 1


def read_header(source: HeaderReader, file_name: str) -> ImageHeader:
    """Read the header of one image; ``file_name`` matters only to TGA, which has no signature.

    Raises:
        HeaderRejectedError: for every content that is not an image of a known format with a sound header.
        Exception: what the source's ``fetch`` raised, untouched.
    """
    if source.size == 0:
        raise HeaderRejectedError(RejectionReason.EMPTY, "expected an image, found a file of 0 bytes")
    try:
        header = find_reader(source, file_name)(source)
    except HeaderRejectedError:
        raise
    except Exception as error:
        if source.fetch_error is not None:
            raise source.fetch_error from None
        raise HeaderRejectedError(
            RejectionReason.CORRUPT, f"expected a sound header, found {printable(str(error))}"
        ) from error
    _check_size(header)
    return header


def _check_size(header: ImageHeader) -> None:
    if not (0 < header.width <= _LARGEST_SIDE and 0 < header.height <= _LARGEST_SIDE):
        raise HeaderRejectedError(
            RejectionReason.INVALID_DIMENSIONS,
            f"expected 1 to {_LARGEST_SIDE} pixels a side, found {header.width} x {header.height} ({header.format})",
        )
