"""JPEG (ITU-T T.81)."""

import struct

from image_metadata.errors import HeaderRejected
from image_metadata.headers.assembly import image_header
from image_metadata.headers.exif import NO_EXIF, read_exif
from image_metadata.model import ImageHeader, RejectionReason
from image_metadata.reader import HeaderReader

_MODES = {1: "L", 3: "RGB", 4: "CMYK"}
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_frame = struct.Struct(">BHHB").unpack


def read(source: HeaderReader) -> ImageHeader:
    """Follow the segments up to the start of frame."""
    exif = NO_EXIF
    offset = 2
    while True:
        _, marker, length = struct.unpack(">BBH", source.at(offset, 4))
        if marker in _FRAMES:
            depth, height, width, layers = _frame(source.at(offset + 4, 6))
            return image_header(
                "JPEG", width, height, exif=exif, color_mode=_MODES.get(layers), bit_depth=depth, has_alpha=False
            )
        if marker == 0xDA or length < 2:
            raise HeaderRejected(RejectionReason.CORRUPT, "expected a start of frame, found image data")
        if marker == 0xE1 and source.at(offset + 4, 6) == b"Exif\0\0":
            exif = read_exif(source, offset + 10, offset + 2 + length)
        offset += 2 + length
