"""SGI image files (Silicon Graphics, "The SGI Image File Format", version 1.00)."""

import struct

from image_metadata.headers.reader import HeaderReader
from image_metadata.model import ImageHeader

# (dimensions, channels) → Pillow's mode; it decodes no others.
_MODES = {(1, 1): "L", (2, 1): "L", (3, 3): "RGB", (3, 4): "RGBA"}
_WITH_ALPHA = (2, 4)
_BITS_PER_BYTE = 8


def read(source: HeaderReader) -> ImageHeader:
    """The first twelve bytes of the header."""
    bytes_per_channel, dimensions, width, height, channels = struct.unpack(">3xBHHHH", source.at(0, 12))
    return ImageHeader(
        format="SGI",
        width=width,
        height=height,
        color_mode=_MODES.get((dimensions, channels)),
        bit_depth=_BITS_PER_BYTE * bytes_per_channel,
        has_alpha=channels in _WITH_ALPHA,
    )
