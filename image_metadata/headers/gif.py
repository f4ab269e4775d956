"""GIF: the screen, and what stands before the pixels of the first image (GIF89a specification).

XMP in an application extension: XMP specification, part 3, section 1.1.2.
"""

import struct
from dataclasses import dataclass, field

from image_metadata.headers.embedded.sources import Source, header_fields
from image_metadata.headers.embedded.xmp import LONGEST_PACKET, read_xmp
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt, too_large
from image_metadata.model import ImageHeader

_EXTENSION, _IMAGE, _TRAILER = b"!,;"
_GRAPHIC_CONTROL, _APPLICATION = 0xF9, 0xFF
_HAS_COLOR_TABLE, _TABLE_SIZE, _HAS_TRANSPARENCY = 0x80, 0x07, 0x01
_XMP = b"\x0bXMP DataXMP"
# The packet is not split into sub-blocks; its trailer makes a decoder that assumes them skip to the end.
_XMP_TRAILER = 258
MOST_BLOCKS = 20_000
"""Blocks and sub-blocks that are walked over."""


@dataclass(slots=True)
class _Prologue:
    """What stands between the screen and the first image, which is at ``end``."""

    end: int
    has_transparency: bool = False
    sources: list[Source] = field(default_factory=list)


def read(source: HeaderReader) -> ImageHeader:
    """The screen's size, or more where the first image does not fit in it: viewers and Pillow enlarge it."""
    width, height, flags = struct.unpack("<HHB", source.at(6, 5))
    offset, color_table = 13, b""
    if flags & _HAS_COLOR_TABLE:
        offset, color_table = _color_table(source, 13, flags)
    prologue = _walk_to_image(source, offset)
    offset = prologue.end
    left, top, across, down, local_flags = struct.unpack("<HHHHB", source.at(offset, 9))
    if local_flags & _HAS_COLOR_TABLE:
        flags = local_flags
        _, color_table = _color_table(source, offset + 9, local_flags)
    source.at(offset, 10)
    return ImageHeader(
        format="GIF",
        width=max(width, left + across),
        height=max(height, top + down),
        color_mode="L" if _is_gray(color_table) else "P",
        bit_depth=(flags & _TABLE_SIZE) + 1,
        has_alpha=prologue.has_transparency,
        **header_fields(*prologue.sources),
    )


def _color_table(source: HeaderReader, offset: int, flags: int) -> tuple[int, bytes]:
    size = 3 << ((flags & _TABLE_SIZE) + 1)
    return offset + size, source.at(offset, size)


def _is_gray(color_table: bytes) -> bool:
    """Whether every index stands for the gray of its own value; so it does without a color table."""
    return all(color_table[3 * index : 3 * index + 3] == bytes([index] * 3) for index in range(len(color_table) // 3))


def _walk_to_image(source: HeaderReader, offset: int) -> _Prologue:
    prologue = _Prologue(offset)
    xmp_start, is_in_extension = 0, False
    for _ in range(MOST_BLOCKS):
        (byte,) = source.at(offset, 1)
        offset += 1
        if is_in_extension:
            is_in_extension, offset = byte > 0, offset + byte
            if xmp_start and not is_in_extension:
                prologue.sources = prologue.sources or [_xmp(source, xmp_start, offset)]
                xmp_start = 0
        elif byte == _IMAGE:
            prologue.end = offset
            return prologue
        elif byte == _TRAILER:
            raise corrupt("an image in the GIF", "its trailer")
        elif byte == _EXTENSION:
            label, length, flags = source.at(offset, 3)
            prologue.has_transparency |= label == _GRAPHIC_CONTROL and length > 0 and bool(flags & _HAS_TRANSPARENCY)
            if label == _APPLICATION and source.at(offset + 1, min(len(_XMP), source.size - offset - 1)) == _XMP:
                xmp_start = offset + 1 + len(_XMP)
            is_in_extension, offset = True, offset + 1
    raise too_large(f"an image within {MOST_BLOCKS} GIF blocks")


def _xmp(source: HeaderReader, start: int, end: int) -> Source:
    """The packet that was walked over, and is therefore held."""
    return read_xmp(source.at(start, min(max(0, end - _XMP_TRAILER - start), LONGEST_PACKET)))
