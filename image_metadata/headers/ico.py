"""ICO and CUR: a directory of pictures, each a bitmap without file header or a PNG (Microsoft, "Icons")."""

# ruff: noqa: PLR2004 - the numbers of a header are those of its specification

import struct
from dataclasses import dataclass, replace

from image_metadata.headers import bmp, png, signatures
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.model import ImageHeader

_MOST_PICTURES = 4096


@dataclass(frozen=True, slots=True)
class _Entry:
    width: int
    height: int
    colors: int
    depth: int
    offset: int

    @property
    def rank(self) -> tuple[int, int]:
        """Largest first; of those Pillow takes the one with the fewest colors, where 0 counts as most."""
        depth = self.depth or (self.colors - 1).bit_length() if self.colors else self.depth
        return -(self.width or 256) * (self.height or 256), depth or 256


def read(source: HeaderReader) -> ImageHeader:
    """The largest icon, by its own header; transparent by its mask or its alpha channel."""
    entry = min(_entries(source), key=lambda entry: entry.rank)
    if source.at(entry.offset, 8) == signatures.PNG:
        return replace(png.read_at(source, entry.offset), format="ICO")
    bitmap = bmp.read_bitmap(source, "ICO", entry.offset)
    height = bitmap.height // 2
    return replace(bitmap, height=height, display_height=height, color_mode="RGBA", has_alpha=True)


def read_cursor(source: HeaderReader) -> ImageHeader:
    """The largest cursor; its bitmap is twice as high as the picture, as the mask is below it."""
    entries = _entries(source)
    largest = entries[0]
    for entry in entries:
        if entry.width > largest.width and entry.height > largest.height:
            largest = entry
    if source.at(largest.offset, 8) == signatures.PNG:
        return replace(png.read_at(source, largest.offset), format="CUR")
    # Pillow keeps the alpha of a cursor only where it is the file's one picture.
    bitmap = bmp.read_bitmap(source, "CUR", largest.offset, keeps_alpha=largest.offset == 22)
    mode = "LA" if bitmap.color_mode in ("1", "L") else bitmap.color_mode
    return ImageHeader(
        format="CUR",
        width=bitmap.width,
        height=bitmap.height // 2,
        color_mode=mode,
        bit_depth=bitmap.bit_depth,
        has_alpha=True,
    )


def _entries(source: HeaderReader) -> list[_Entry]:
    (count,) = struct.unpack("<H", source.at(4, 2))
    if count == 0:
        raise corrupt("an icon with at least one picture", "an empty directory")
    return [
        _Entry(*found) for found in struct.iter_unpack("<BBBx2xH4xI", source.at(6, 16 * min(count, _MOST_PICTURES)))
    ]
