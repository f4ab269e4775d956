"""GIF: the screen, and what stands before the pixels of the first picture (GIF89a specification)."""

import struct

from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt, too_large
from image_metadata.model import ImageHeader

_EXTENSION, _PICTURE, _TRAILER = b"!,;"
_GRAPHIC_CONTROL = 0xF9
_HAS_PALETTE, _TABLE_SIZE, _HAS_TRANSPARENCY = 0x80, 0x07, 0x01
_MOST_BLOCKS = 100_000


def read(source: HeaderReader) -> ImageHeader:
    """The screen's size, or more where the first picture does not fit in it: viewers and Pillow enlarge it."""
    width, height, flags = struct.unpack("<HHB", source.at(6, 5))
    offset, palette = 13, b""
    if flags & _HAS_PALETTE:
        offset, palette = _palette(source, 13, flags)
    offset, transparent = _find_picture(source, offset)
    left, top, across, down, local = struct.unpack("<HHHHB", source.at(offset, 9))
    if local & _HAS_PALETTE:
        flags = local
        _, palette = _palette(source, offset + 9, local)
    source.at(offset, 10)
    return ImageHeader(
        format="GIF",
        width=max(width, left + across),
        height=max(height, top + down),
        color_mode="L" if _is_grey(palette) else "P",
        bit_depth=(flags & _TABLE_SIZE) + 1,
        has_alpha=transparent,
    )


def _palette(source: HeaderReader, offset: int, flags: int) -> tuple[int, bytes]:
    size = 3 << ((flags & _TABLE_SIZE) + 1)
    return offset + size, source.at(offset, size)


def _is_grey(palette: bytes) -> bool:
    """Whether every index stands for the gray of its own value; so it does without a palette."""
    return all(palette[3 * index : 3 * index + 3] == bytes([index] * 3) for index in range(len(palette) // 3))


def _find_picture(source: HeaderReader, offset: int) -> tuple[int, bool]:
    """Where the descriptor of the first picture is, and whether a color of it is transparent."""
    transparent = in_extension = False
    for _ in range(_MOST_BLOCKS):
        (byte,) = source.at(offset, 1)
        offset += 1
        if in_extension:
            in_extension, offset = byte > 0, offset + byte
        elif byte == _PICTURE:
            return offset, transparent
        elif byte == _TRAILER:
            raise corrupt("a picture in the GIF", "its trailer")
        elif byte == _EXTENSION:
            label, length, flags = source.at(offset, 3)
            transparent |= label == _GRAPHIC_CONTROL and length > 0 and bool(flags & _HAS_TRANSPARENCY)
            in_extension, offset = True, offset + 1
    raise too_large(f"a picture within {_MOST_BLOCKS} GIF blocks")
