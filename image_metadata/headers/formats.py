"""The explicit list of formats: what each starts with, who reads it, and how uploaders declare it."""

from collections.abc import Callable, Mapping

from image_metadata.errors import HeaderRejected
from image_metadata.headers import jpeg, png
from image_metadata.model import ImageHeader, RejectionReason
from image_metadata.reader import HeaderReader

Read = Callable[[HeaderReader], ImageHeader]

_SIGNATURES: tuple[tuple[bytes, Read], ...] = (
    (b"\xff\xd8\xff", jpeg.read),
    (b"\x89PNG\r\n\x1a\n", png.read),
)

MEDIA_TYPES: Mapping[str, frozenset[str]] = {}
"""Pillow's format name → content types (lower case, without parameters) that agree with it."""


def find_reader(source: HeaderReader, file_name: str) -> Read:
    """The reader for what the content is.

    Raises:
        HeaderRejected: unsupported_format, naming what the content looks like.
    """
    del file_name
    head = source.at(0, min(source.size, 32))
    for signature, read in _SIGNATURES:
        if head.startswith(signature):
            return read
    raise HeaderRejected(RejectionReason.UNSUPPORTED_FORMAT, "expected an image, found something else")
