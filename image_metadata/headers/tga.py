"""TGA (Truevision, "TGA File Format Specification", version 2.0)."""

import struct

from image_metadata.headers.reader import HeaderReader
from image_metadata.model import ImageHeader

_HEADER_SIZE = 18
_FOOTER = b"TRUEVISION-XFILE.\0"
_EXTENSIONS = (".tga", ".icb", ".vda", ".vst")
_PALETTE, _COLOR, _GRAY = 1, 2, 3
_RUN_LENGTH = 8
_DEPTHS = {_PALETTE: (8, 15, 16), _COLOR: (15, 16, 24, 32), _GRAY: (1, 8, 16)}
_PALETTE_DEPTHS = (15, 16, 24, 32)
# (kind, bits per pixel) → Pillow's mode; it decodes no others.
_MODES = {
    (_PALETTE, 8): "P",
    (_COLOR, 16): "RGBA",
    (_COLOR, 24): "RGB",
    (_COLOR, 32): "RGBA",
    (_GRAY, 1): "1",
    (_GRAY, 8): "L",
    (_GRAY, 16): "LA",
}
_DEEPEST = 8
# Fifteen bits of color, with or without one of alpha.
_PACKED, _PACKED_DEPTH = (15, 16), 5
_ALPHA_DEPTHS = (16, 32)


def is_tga(source: HeaderReader, head: bytes, file_name: str) -> bool:
    """Whether a file without any other signature is a TGA.

    Version 2 has a signature at the end of the file. An older file is recognized by its name, where the fields of
    its header agree with each other.
    """
    if file_name.lower().endswith(_EXTENSIONS):
        return _is_plausible(head)
    if source.size < _HEADER_SIZE + len(_FOOTER):
        return False
    return source.at(source.size - len(_FOOTER), len(_FOOTER)) == _FOOTER


def _is_plausible(head: bytes) -> bool:
    if len(head) < _HEADER_SIZE:
        return False
    has_palette, kind, palette_depth, depth = struct.unpack_from("<xBB4xB8xB", head)
    kind &= ~_RUN_LENGTH
    palette_agrees = palette_depth in _PALETTE_DEPTHS if has_palette else kind != _PALETTE
    return has_palette in (0, 1) and depth in _DEPTHS.get(kind, ()) and palette_agrees


def read(source: HeaderReader) -> ImageHeader:
    """The header of 18 bytes."""
    kind, palette_depth, width, height, depth = struct.unpack("<xxB4xB4xHHB", source.at(0, 17))
    kind &= ~_RUN_LENGTH
    mode = _MODES.get((kind, depth))
    pixel_depth = palette_depth if kind == _PALETTE else depth
    return ImageHeader(
        format="TGA",
        width=width,
        height=height,
        color_mode=mode,
        bit_depth=_PACKED_DEPTH if kind == _COLOR and depth in _PACKED else min(depth, _DEEPEST),
        has_alpha=mode == "LA" if kind == _GRAY else pixel_depth in _ALPHA_DEPTHS,
    )
