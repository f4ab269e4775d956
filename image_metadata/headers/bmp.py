"""BMP and DIB (Microsoft, "Bitmap Header Types"; IBM, "OS/2 Bitmap File Format")."""

# ruff: noqa: PLR2004 - the numbers of a header are those of its specification

import struct

from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.model import ImageHeader

HEADER_SIZES = frozenset([12, 16, 40, 52, 56, 64, 108, 124])
"""OS/2 1, OS/2 2 (shortest and complete), and Windows versions 3 to 5."""

_FILE_HEADER, _CORE_HEADER, _INFO_HEADER = 14, 12, 40
_RAW, _BITFIELDS = 0, 3
_KNOWN_COMPRESSIONS = (_RAW, 1, 2, _BITFIELDS)
_MODES = {1: "P", 4: "P", 8: "P", 16: "RGB", 24: "RGB", 32: "RGB"}
_LARGEST_PALETTE_DEPTH = 8
# Red, green, blue and alpha masks that Pillow knows; all zero means the default ones.
_ALPHA_MASKS = frozenset(
    [
        (0xFF000000, 0xFF0000, 0xFF00, 0xFF),
        (0xFF, 0xFF00, 0xFF0000, 0xFF000000),
        (0xFF0000, 0xFF00, 0xFF, 0xFF000000),
        (0xFF000000, 0xFF00, 0xFF, 0xFF0000),
        (0, 0, 0, 0),
    ]
)
_OPAQUE_MASKS = frozenset(
    [
        (0xFF0000, 0xFF00, 0xFF, 0),
        (0xFF000000, 0xFF0000, 0xFF00, 0),
        (0xFF000000, 0xFF00, 0xFF, 0),
        (0xF800, 0x7E0, 0x1F, 0),
        (0x7C00, 0x3E0, 0x1F, 0),
    ]
)


def read(source: HeaderReader) -> ImageHeader:
    """A file that starts with ``BM``."""
    return read_bitmap(source, "BMP", _FILE_HEADER)


def read_dib(source: HeaderReader) -> ImageHeader:
    """A bitmap without the file header, as a clipboard or an icon holds it."""
    return read_bitmap(source, "DIB", 0)


def is_dib(head: bytes) -> bool:
    """Whether this is a bare header: its size, one plane, a possible depth; a DIB has no signature."""
    if len(head) < 16:
        return False
    size, planes, depth = struct.unpack_from("<I8xHH" if head[0] != _CORE_HEADER else "<I4xHH", head)
    return size in HEADER_SIZES and planes == 1 and depth in _MODES


def read_bitmap(source: HeaderReader, kind: str, start: int, *, keeps_alpha: bool = False) -> ImageHeader:
    """The bitmap header at ``start``; a negative height means that the first row is the top one.

    ``keeps_alpha``: the fourth byte of uncompressed 32-bit pixels is alpha, as in a cursor.
    """
    (size,) = struct.unpack("<I", source.at(start, 4))
    if size not in HEADER_SIZES:
        raise corrupt(f"a bitmap header of {', '.join(map(str, sorted(HEADER_SIZES)))} bytes", f"one of {size}")
    header = source.at(start, size).ljust(_INFO_HEADER, b"\0")
    if size == _CORE_HEADER:
        width, height, depth = struct.unpack_from("<HH2xH", header, 4)
        compression = colors = 0
    else:
        width, height, depth, compression, colors = struct.unpack_from("<ii2xHI12xI", header, 4)
    mode, has_alpha = _MODES.get(depth), False
    if mode == "P":
        entry = 3 if size == _CORE_HEADER else 4
        mode = _palette_mode(source, start + size, entry, colors or 1 << depth)
    elif compression == _BITFIELDS and mode:
        mode, has_alpha = _masked_mode(depth, _masks(source, start, size))
    elif depth == 32 and keeps_alpha:
        mode, has_alpha = "RGBA", True
    return ImageHeader(
        format=kind,
        width=width,
        height=abs(height),
        color_mode=mode if compression in _KNOWN_COMPRESSIONS else None,
        bit_depth=depth if depth <= _LARGEST_PALETTE_DEPTH else 5 if depth == 16 else 8,
        has_alpha=has_alpha,
    )


def _masked_mode(depth: int, masks: tuple[int, ...]) -> tuple[str | None, bool]:
    if depth == 32 and masks in _ALPHA_MASKS:
        return "RGBA", True
    known = masks if depth == 32 else (*masks[:3], 0)
    return "RGB" if known in _OPAQUE_MASKS else None, bool(masks[3])


def _masks(source: HeaderReader, start: int, size: int) -> tuple[int, ...]:
    """Red, green, blue, alpha: in the header where it is long enough, else the first three after it."""
    known = 4 if size >= 56 else 3
    return (*struct.unpack(f"<{known}I", source.at(start + _INFO_HEADER, 4 * known)), 0)[:4]


def _palette_mode(source: HeaderReader, start: int, entry: int, colors: int) -> str | None:
    """Pillow drops a palette in which every index is the gray of its own value. None for an invalid palette."""
    if not 0 < colors <= 65536:
        return None
    count = min(colors, 256)
    palette = source.at(start, min(entry * count, max(0, source.size - start)))
    grays = (0, 255) if colors == 2 else range(count)
    gray = all(palette[entry * at : entry * at + 3] == bytes([value] * 3) for at, value in enumerate(grays))
    if not gray or colors > count:
        return "P"
    return "1" if colors <= 2 else "L"
