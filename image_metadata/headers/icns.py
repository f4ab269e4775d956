"""ICNS: icon elements, each a type and a length (Apple, "IconFamily Resource", the types as Pillow knows them).

Read here and not by Pillow's plugin, which keeps every element of a file that consists of nothing else.
"""

import struct

from PIL.IcnsImagePlugin import IcnsFile

from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.model import ImageHeader

# Element type → width, height, scale.
_SIZES = {kind: size for size, kinds in IcnsFile.SIZES.items() for kind, _ in kinds}
_HEADER_SIZE = 8
_MOST_ELEMENTS = 100


def read(source: HeaderReader) -> ImageHeader:
    """The largest icon of the family, as many pixels as its scale makes it."""
    (end,) = struct.unpack(">I", source.at(4, 4))
    offset, sizes = _HEADER_SIZE, []
    for _ in range(_MOST_ELEMENTS):
        if offset >= end:
            break
        kind, length = struct.unpack(">4sI", source.at(offset, _HEADER_SIZE))
        if length < _HEADER_SIZE:
            raise corrupt(f"an icon element at offset {offset}", "none")
        if kind in _SIZES:
            sizes.append(_SIZES[kind])
        offset += length
    if not sizes:
        raise corrupt("an icon of a known size in the family", "none")
    width, height, scale = max(sizes)
    return ImageHeader(
        format="ICNS",
        width=width * scale,
        height=height * scale,
        color_mode="RGBA",
        bit_depth=8,
        has_alpha=True,
    )
