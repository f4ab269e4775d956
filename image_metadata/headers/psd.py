"""PSD and PSB (Adobe Photoshop File Formats Specification, "File Header Section", "Image Resources Section")."""

# ruff: noqa: PLR2004 - the numbers of a header are those of its specification

import struct
from dataclasses import asdict

from image_metadata.headers.embedded.sources import Source, merge
from image_metadata.headers.exif.fields import read_exif
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.model import ImageHeader

_VERSIONS = {1: "PSD", 2: "PSB"}
_DEPTHS = (1, 8, 16, 32)
# (color mode, bits per channel) → Pillow's mode; it opens no others.
_MODES = {
    (0, 1): "1",
    (0, 8): "L",
    (1, 8): "L",
    (2, 8): "P",
    (3, 8): "RGB",
    (4, 8): "CMYK",
    (7, 8): "L",
    (8, 8): "L",
    (9, 8): "LAB",
}
_EXIF_RESOURCE = 1058
_MOST_RESOURCES = 1000


def read(source: HeaderReader) -> ImageHeader:
    """The file header, and EXIF where its resource came with the first read."""
    version, channels, height, width, depth, colors = struct.unpack(">H6xHIIHH", source.at(4, 22))
    if version not in _VERSIONS or depth not in _DEPTHS:
        raise corrupt("a PSD header", f"version {version} and {depth} bits per channel")
    mode = _MODES.get((colors, depth))
    if mode == "RGB" and channels == 4:
        mode = "RGBA"
    return ImageHeader(
        format="PSD",
        width=width,
        height=height,
        color_mode=mode,
        bit_depth=depth,
        has_alpha=mode == "RGBA",
        **asdict(merge(_exif(source))),
    )


def _exif(source: HeaderReader) -> Source | None:
    (color_data,) = struct.unpack(">I", source.at(26, 4))
    offset = 34 + color_data
    for _ in range(_MOST_RESOURCES):
        if not source.holds(offset, 12):
            break
        signature, number, name_length = struct.unpack(">4sHB", source.at(offset, 7))
        offset += 6 + (name_length + 2) // 2 * 2
        if signature != b"8BIM" or not source.holds(offset, 4):
            break
        (length,) = struct.unpack(">I", source.at(offset, 4))
        if number == _EXIF_RESOURCE and source.holds(offset + 4, length):
            return read_exif(source, offset + 4, offset + 4 + length)
        offset += 4 + length + length % 2
    return None
