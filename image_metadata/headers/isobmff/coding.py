"""How the pixels of an item or a track are coded, according to its configuration boxes."""

from collections.abc import Iterable
from dataclasses import dataclass

from image_metadata.headers.isobmff.boxes import Box, Fields
from image_metadata.headers.reader import HeaderReader

_ALPHA = frozenset(
    {
        b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
        b"urn:mpeg:hevc:2015:auxid:1",
        b"urn:mpeg:avc:2015:auxid:1",
    }
)


@dataclass(frozen=True, slots=True)
class Coding:
    """Bits per channel, and whether there is only one channel besides alpha; None where the file does not say it."""

    bit_depth: int | None = None
    monochrome: bool | None = None

    def color_mode(self, *, has_alpha: bool) -> str | None:
        """The mode in which Pillow's decoders open it: gray with alpha becomes RGBA."""
        if self.monochrome is None:
            return None
        if has_alpha:
            return "RGBA"
        return "L" if self.monochrome else "RGB"


def read_coding(source: HeaderReader, properties: Iterable[Box]) -> Coding:
    """The decoder's configuration where it is a known one, else ``pixi``."""
    contents = {box.kind: box.content(source, 32) for box in properties if box.kind in _READERS}
    readers = (read(Fields(contents[kind])) for kind, read in _READERS.items() if kind in contents)
    return next(readers, Coding())


def is_alpha(source: HeaderReader, box: Box) -> bool:
    """Whether an ``auxC`` property (ISO/IEC 23008-12, 6.5.8) or an ``auxi`` entry (7.5.3) names an alpha plane."""
    return box.content(source, 64)[4:].partition(b"\0")[0] in _ALPHA


def _av1(fields: Fields) -> Coding:
    """``av1C``: AV1 Codec ISO Media File Format Binding, 2.3."""
    profile = fields.uint(2) >> 5 & 7
    flags = fields.uint(1)
    deep = 12 if profile == 2 and flags & 0x20 else 10  # noqa: PLR2004  # the professional profile
    return Coding(deep if flags & 0x40 else 8, bool(flags & 0x10))


def _hevc(fields: Fields) -> Coding:
    """``hvcC``: ISO/IEC 14496-15, 8.3.2.1."""
    fields.bytes(16)
    return Coding(monochrome=fields.uint(1) & 3 == 0, bit_depth=(fields.uint(1) & 7) + 8)


def _pixel_information(fields: Fields) -> Coding:
    """``pixi``: ISO/IEC 23008-12, 6.5.6."""
    fields.uint(4)
    channels = fields.uint(1)
    return Coding(fields.uint(1), channels < 3) if channels else Coding()  # noqa: PLR2004  # red, green, blue


_READERS = {b"av1C": _av1, b"hvcC": _hevc, b"pixi": _pixel_information}
