"""PSD and PSB (Adobe Photoshop File Formats Specification, "File Header Section", "Image Resources Section")."""

# ruff: noqa: PLR2004 - the numbers of a header are those of its specification

import struct

from image_metadata.headers.embedded.photoshop import read_resources
from image_metadata.headers.embedded.sources import Source, header_fields
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


def read(source: HeaderReader) -> ImageHeader:
    """The file header, and the metadata in the image resources that the first read or one more request brings."""
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
        **header_fields(*_sources(source)),
    )


def _sources(source: HeaderReader) -> list[Source]:
    (color_data,) = struct.unpack(">I", source.at(26, 4))
    start = 34 + color_data
    if not source.holds(start - 4, 4):
        return []
    (length,) = struct.unpack(">I", source.at(start - 4, 4))
    return read_resources(source, start, start + length, fetches=1)
