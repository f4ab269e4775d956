"""PCX (ZSoft, "PCX File Format Technical Reference Manual")."""

import struct

from image_metadata.headers.reader import HeaderReader
from image_metadata.model import ImageHeader

_TRUE_COLOR_VERSION = 5
_BYTE = 8
_PALETTE_MARK, _PALETTE_SIZE = 12, 769
_GRAYS = bytes(level for level in range(256) for _ in range(3))
# (bits per pixel and plane, planes) → Pillow's mode; it decodes no others.
_MODES = {(1, 1): "1", (1, 2): "P", (1, 4): "P", (8, 1): "L", (8, 3): "RGB"}
_RGB_PLANES, _RGBA_PLANES = 3, 4


def read(source: HeaderReader) -> ImageHeader:
    """The header, and for 256 colors the palette, which is the end of the file."""
    version, bits, left, top, right, bottom, planes = struct.unpack("<xBxB4H53xB", source.at(0, 66))
    mode = _MODES.get((bits, planes))
    if bits == _BYTE and version != _TRUE_COLOR_VERSION:
        mode = None
    elif mode == "L" and _has_colors(source):
        mode = "P"
    return ImageHeader(
        format="PCX",
        width=right + 1 - left,
        height=bottom + 1 - top,
        color_mode=mode,
        bit_depth=bits if planes >= _RGB_PLANES and bits == _BYTE else bits * planes,
        has_alpha=(bits, planes) == (_BYTE, _RGBA_PLANES),
    )


def _has_colors(source: HeaderReader) -> bool:
    """Whether there is a palette, in which not every index stands for the gray of its own value."""
    if source.size < _PALETTE_SIZE:
        return False
    palette = source.at(source.size - _PALETTE_SIZE, _PALETTE_SIZE)
    return palette[0] == _PALETTE_MARK and palette[1:] != _GRAYS
