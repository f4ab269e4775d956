"""QOI (The Quite OK Image Format, specification 1.0)."""

import struct

from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.model import ImageHeader

_MODES = {3: "RGB", 4: "RGBA"}


def read(source: HeaderReader) -> ImageHeader:
    """The header of 14 bytes."""
    width, height, channels, _ = struct.unpack(">IIBB", source.at(4, 10))
    if channels not in _MODES:
        raise corrupt("3 or 4 channels", f"{channels}")
    mode = _MODES[channels]
    return ImageHeader(format="QOI", width=width, height=height, color_mode=mode, bit_depth=8, has_alpha=mode == "RGBA")
