"""The JPEG in a raw file, whose EXIF some cameras write nowhere else."""

import struct

from image_metadata.headers.embedded.sources import Source
from image_metadata.headers.exif.fields import read_exif
from image_metadata.headers.reader import HeaderReader

_START_OF_IMAGE, _MARKER, _APP1 = b"\xff\xd8", 0xFF, 0xE1
_SEGMENT = struct.Struct(">BBH6s")
_MOST_SEGMENTS = 4


def read_preview(source: HeaderReader, offset: int) -> Source | None:
    """The EXIF among the first segments of the JPEG at ``offset``; None where there is no such JPEG or no EXIF."""
    if offset + len(_START_OF_IMAGE) > source.size or source.at(offset, 2) != _START_OF_IMAGE:
        return None
    offset += len(_START_OF_IMAGE)
    for _ in range(_MOST_SEGMENTS):
        if offset + _SEGMENT.size > source.size:
            break
        prefix, marker, length, identifier = _SEGMENT.unpack(source.at(offset, _SEGMENT.size))
        if (prefix, marker, identifier) == (_MARKER, _APP1, b"Exif\0\0"):
            return read_exif(source, offset + 4, min(offset + 2 + length, source.size))
        if prefix != _MARKER:
            break
        offset += 2 + length
    return None
