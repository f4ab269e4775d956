"""QOI (The Quite OK Image Format, specification 1.0)."""

import struct

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers.assembly import image_header
from image_metadata.headers.reader import HeaderReader
from image_metadata.model import ImageHeader, RejectionReason

_MODES = {3: "RGB", 4: "RGBA"}


def read(source: HeaderReader) -> ImageHeader:
    """The header of 14 bytes."""
    width, height, channels, _ = struct.unpack(">IIBB", source.at(4, 10))
    if channels not in _MODES:
        raise HeaderRejectedError(RejectionReason.CORRUPT, f"expected 3 or 4 channels, found {channels}")
    mode = _MODES[channels]
    return image_header("QOI", width, height, color_mode=mode, bit_depth=8, has_alpha=mode == "RGBA")
