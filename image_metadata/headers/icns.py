"""ICNS: icon elements, each a type and a length (Apple, "IconFamily Resource"; types as in Apple's IconStorage.h)."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from image_metadata.headers import png, signatures
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.model import ImageHeader

# Nominal size and scale of an element that holds a PNG or a JPEG 2000 file, the best last.
_ENCODED = {
    b"icp4": (16, 1),
    b"ic11": (16, 2),
    b"icp5": (32, 1),
    b"ic12": (32, 2),
    b"icp6": (64, 1),
    b"ic07": (128, 1),
    b"ic13": (128, 2),
    b"ic08": (256, 1),
    b"ic14": (256, 2),
    b"ic09": (512, 1),
    b"ic10": (512, 2),
}
# Size of an element of three color planes, and the type of the element that is its mask, the best last.
_PLANES = {b"is32": (16, b"s8mk"), b"il32": (32, b"l8mk"), b"ih32": (48, b"h8mk"), b"it32": (128, b"t8mk")}


class _Other(NamedTuple):
    """An element that Pillow does not decode: pixels, bits per channel, whether there is alpha."""

    width: int
    height: int
    depth: int
    has_alpha: bool


_OTHERS = {
    b"icm#": _Other(16, 12, 1, has_alpha=True),
    b"icm4": _Other(16, 12, 4, has_alpha=False),
    b"icm8": _Other(16, 12, 8, has_alpha=False),
    b"ics#": _Other(16, 16, 1, has_alpha=True),
    b"ics4": _Other(16, 16, 4, has_alpha=False),
    b"ics8": _Other(16, 16, 8, has_alpha=False),
    b"ic04": _Other(16, 16, 8, has_alpha=True),
    b"icsb": _Other(18, 18, 8, has_alpha=True),
    b"ICON": _Other(32, 32, 1, has_alpha=False),
    b"ICN#": _Other(32, 32, 1, has_alpha=True),
    b"icl4": _Other(32, 32, 4, has_alpha=False),
    b"icl8": _Other(32, 32, 8, has_alpha=False),
    b"ic05": _Other(32, 32, 8, has_alpha=True),
    b"icsB": _Other(36, 36, 8, has_alpha=True),
    b"ich#": _Other(48, 48, 1, has_alpha=True),
    b"ich4": _Other(48, 48, 4, has_alpha=False),
    b"ich8": _Other(48, 48, 8, has_alpha=False),
}
_CONTENTS = b"TOC "
_HEADER_SIZE = 8
_MOST_ELEMENTS = 100


def read(source: HeaderReader) -> ImageHeader:
    """The best icon in Pillow's order, nominal size before scale; or else the largest that Pillow does not decode."""
    elements = dict(_elements(source))
    encoded = [kind for kind in _ENCODED if kind in elements]
    planes = [_PLANES[kind] for kind in _PLANES if kind in elements]
    if encoded and (not planes or _ENCODED[encoded[-1]] >= (planes[-1][0], 1)):
        size, scale = _ENCODED[encoded[-1]]
        return _of_encoded(source, elements[encoded[-1]], size * scale)
    if planes:
        side, mask = planes[-1]
        return _header(side, side, "RGBA" if mask in elements else "RGB", 8, has_alpha=mask in elements)
    others = [_OTHERS[kind] for kind in _OTHERS if kind in elements]
    if not others:
        raise corrupt("an icon of a known type in the family", "none")
    largest = max(others)
    return _header(largest.width, largest.height, None, largest.depth, has_alpha=largest.has_alpha)


def _elements(source: HeaderReader) -> Iterator[tuple[bytes, int]]:
    """Type and offset of each element; from the table of contents where the family begins with one.

    Raises:
        HeaderRejectedError: corrupt, for an element that is shorter than its header.
    """
    (end,) = struct.unpack(">I", source.at(4, 4))
    offset, listed = _HEADER_SIZE, b""
    for _ in range(_MOST_ELEMENTS):
        if offset + _HEADER_SIZE > end:
            return
        kind, length = struct.unpack(">4sI", listed[:_HEADER_SIZE] or source.at(offset, _HEADER_SIZE))
        if length < _HEADER_SIZE:
            raise corrupt(f"an icon element of at least {_HEADER_SIZE} bytes at offset {offset}", f"{length} bytes")
        yield kind, offset
        listed = listed[_HEADER_SIZE:]
        if kind == _CONTENTS and offset == _HEADER_SIZE:
            listed = source.at(offset + _HEADER_SIZE, min(length, _MOST_ELEMENTS * _HEADER_SIZE) // 8 * 8 - 8)
        offset += length


def _of_encoded(source: HeaderReader, offset: int, side: int) -> ImageHeader:
    """As the PNG says; Pillow gives every JPEG 2000 in an icon an alpha channel."""
    content = offset + _HEADER_SIZE
    if source.at(content, len(signatures.PNG)) == signatures.PNG:
        picture = png.read_at(source, content)
        return _header(side, side, picture.color_mode, picture.bit_depth, has_alpha=bool(picture.has_alpha))
    return _header(side, side, "RGBA", 8, has_alpha=True)


def _header(width: int, height: int, mode: str | None, depth: int | None, *, has_alpha: bool) -> ImageHeader:
    return ImageHeader(format="ICNS", width=width, height=height, color_mode=mode, bit_depth=depth, has_alpha=has_alpha)
