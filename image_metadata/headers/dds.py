"""DDS (Microsoft, "DDS_HEADER", "DDS_PIXELFORMAT", "DDS_HEADER_DXT10", "DXGI_FORMAT", "D3DFORMAT")."""

import struct
from typing import NamedTuple

from image_metadata.headers.reader import HeaderReader
from image_metadata.model import ImageHeader

_ALPHA_PIXELS, _FOURCC, _PALETTE_8, _RGB, _LUMINANCE = 0x1, 0x4, 0x20, 0x40, 0x20000
_ANY_ALPHA = 0x3
_SIZE_AT, _PIXEL_FORMAT_AT, _DXGI_AT = 12, 80, 128
_BYTE, _TWO_BYTES = 8, 16


class _Pixels(NamedTuple):
    """Pillow's mode (None where it does not decode the format), bits per channel, and whether there is alpha."""

    mode: str | None
    depth: int | None
    has_alpha: bool


_UNKNOWN = _Pixels(None, None, has_alpha=False)

# Direct3D 9 writes these numbers where others write four characters.
_FOURCCS = {
    b"DXT1": _Pixels("RGBA", 8, has_alpha=True),
    b"DXT2": _Pixels(None, 8, has_alpha=True),
    b"DXT3": _Pixels("RGBA", 8, has_alpha=True),
    b"DXT4": _Pixels(None, 8, has_alpha=True),
    b"DXT5": _Pixels("RGBA", 8, has_alpha=True),
    b"ATI1": _Pixels("L", 8, has_alpha=False),
    b"BC4U": _Pixels("L", 8, has_alpha=False),
    b"BC4S": _Pixels(None, 8, has_alpha=False),
    b"ATI2": _Pixels("RGB", 8, has_alpha=False),
    b"BC5U": _Pixels("RGB", 8, has_alpha=False),
    b"BC5S": _Pixels("RGB", 8, has_alpha=False),
    struct.pack("<I", 36): _Pixels(None, 16, has_alpha=True),
    struct.pack("<I", 110): _Pixels(None, 16, has_alpha=True),
    struct.pack("<I", 111): _Pixels(None, 16, has_alpha=False),
    struct.pack("<I", 112): _Pixels(None, 16, has_alpha=False),
    struct.pack("<I", 113): _Pixels(None, 16, has_alpha=True),
    struct.pack("<I", 114): _Pixels(None, 32, has_alpha=False),
    struct.pack("<I", 115): _Pixels(None, 32, has_alpha=False),
    struct.pack("<I", 116): _Pixels(None, 32, has_alpha=True),
}
# First and last number of a group of DXGI formats that differ only in the type of their numbers.
_DXGI_GROUPS = (
    (1, 4, 32, True),  # R32G32B32A32
    (5, 8, 32, False),
    (9, 14, 16, True),  # R16G16B16A16
    (15, 18, 32, False),
    (23, 25, 10, True),  # R10G10B10A2
    (26, 26, 10, False),
    (27, 32, 8, True),  # R8G8B8A8
    (33, 38, 16, False),
    (39, 43, 32, False),
    (48, 52, 8, False),
    (53, 59, 16, False),
    (60, 64, 8, False),
    (65, 65, 8, True),  # A8
    (66, 66, 1, False),
    (70, 78, 8, True),  # BC1, BC2, BC3
    (79, 84, 8, False),
    (85, 85, 5, False),
    (86, 86, 5, True),  # B5G5R5A1
    (87, 87, 8, True),  # B8G8R8A8
    (88, 88, 8, False),
    (90, 91, 8, True),  # B8G8R8A8
    (92, 93, 8, False),
    (94, 96, 16, False),  # BC6H
    (97, 99, 8, True),  # BC7
    (115, 115, 4, True),  # B4G4R4A4
)
_DXGI_MODES = {
    **dict.fromkeys((27, 28, 29, 70, 71, 73, 74, 76, 77, 97, 98, 99), "RGBA"),
    **dict.fromkeys((79, 80), "L"),
    **dict.fromkeys((82, 83, 84, 95, 96), "RGB"),
}


def read(source: HeaderReader) -> ImageHeader:
    """The header of 128 bytes, and the further 20 of Direct3D 10 and later."""
    height, width = struct.unpack("<II", source.at(_SIZE_AT, 8))
    flags, fourcc, bits, *masks = struct.unpack("<I4s5I", source.at(_PIXEL_FORMAT_AT, 28))
    if flags & _RGB:
        pixels = _of_masks(masks, has_alpha=bool(flags & _ALPHA_PIXELS))
    elif flags & _LUMINANCE:
        pixels = _of_luminance(bits, has_alpha=bool(flags & _ALPHA_PIXELS))
    elif flags & _PALETTE_8:
        pixels = _Pixels("P", _BYTE, has_alpha=True)  # the palette has four channels
    elif flags & _FOURCC and fourcc == b"DX10":
        pixels = _of_dxgi(*struct.unpack("<I", source.at(_DXGI_AT, 4)))
    elif flags & _FOURCC:
        pixels = _FOURCCS.get(fourcc, _UNKNOWN)
    else:
        pixels = _Pixels(None, None, bool(flags & _ANY_ALPHA))
    return ImageHeader(
        format="DDS",
        width=width,
        height=height,
        color_mode=pixels.mode,
        bit_depth=pixels.depth,
        has_alpha=pixels.has_alpha,
    )


def _of_masks(masks: list[int], *, has_alpha: bool) -> _Pixels:
    """Bits per channel are those of the narrowest color: 5 for the common 5-6-5."""
    depths = [mask.bit_count() for mask in masks[:3] if mask]
    return _Pixels("RGBA" if has_alpha else "RGB", min(depths, default=_BYTE), has_alpha)


def _of_luminance(bits: int, *, has_alpha: bool) -> _Pixels:
    if bits == _TWO_BYTES and has_alpha:
        return _Pixels("LA", _BYTE, has_alpha=True)
    return _Pixels("L" if bits == _BYTE else None, bits // 2 if has_alpha else bits, has_alpha)


def _of_dxgi(number: int) -> _Pixels:
    group = next((group for group in _DXGI_GROUPS if group[0] <= number <= group[1]), None)
    return _Pixels(_DXGI_MODES.get(number), group[2], group[3]) if group else _UNKNOWN
