"""RAF: a header, a JPEG, and a directory of tags of Fujifilm (ExifTool's documentation)."""

import struct

from image_metadata.headers.embedded.sources import header_fields
from image_metadata.headers.raw.preview import read_preview
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.model import ImageHeader

_JPEG_AT, _TAGS_AT = 84, 92
_CROPPED_SIZE = 0x0111
_MOST_TAGS, _MOST_BYTES = 256, 4 * 1024


def read(source: HeaderReader) -> ImageHeader:
    """The size that the camera crops the sensor to; everything else from the EXIF of the JPEG."""
    (jpeg,) = struct.unpack(">I", source.at(_JPEG_AT, 4))
    offset, length = struct.unpack(">II", source.at(_TAGS_AT, 8))
    exif = read_preview(source, jpeg)
    data = source.at(offset, min(length, _MOST_BYTES, max(0, source.size - offset)))
    height, width = struct.unpack(">HH", _value(data, _CROPPED_SIZE))
    return ImageHeader(format="RAF", width=width, height=height, **header_fields(exif), has_alpha=False, frame_count=1)


def _value(data: bytes, wanted: int) -> bytes:
    """The value of a tag of four bytes: a number of tags, then each with its number, length and value."""
    position = 4
    for _ in range(min(int.from_bytes(data[:4], "big"), _MOST_TAGS)):
        tag, length = int.from_bytes(data[position : position + 2], "big"), data[position + 2 : position + 4]
        position += 4
        value = data[position : position + int.from_bytes(length, "big")]
        if tag == wanted and len(value) == 4:  # noqa: PLR2004  # two numbers
            return value
        position += int.from_bytes(length, "big")
    raise corrupt("the cropped size among the tags of the raw data", "none")
