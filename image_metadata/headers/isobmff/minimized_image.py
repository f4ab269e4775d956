"""The ``mini`` box, which replaces ``meta`` in small HEIF and AVIF files (ISO/IEC 23008-12, clause 9.4)."""

from image_metadata.headers.isobmff.boxes import Box
from image_metadata.headers.isobmff.coding import Coding
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.model import ImageHeader

_LONGEST = 20


class _Bits:
    """Unsigned fields of a few bits, most significant first."""

    def __init__(self, content: bytes) -> None:
        self._number = int.from_bytes(content, "big")
        self._left = 8 * len(content)

    def uint(self, bits: int) -> int:
        self._left -= bits
        if self._left < 0:
            raise corrupt("a complete mini box", "a truncated one")
        return self._number >> self._left & ((1 << bits) - 1)


def read_mini(source: HeaderReader, box: Box) -> ImageHeader:
    """The fixed part of the box; EXIF, which comes after the color profile, is not read."""
    bits = _Bits(box.content(source, _LONGEST))
    if bits.uint(2):
        raise corrupt("a mini box of version 0", "a later one")
    own_codec, floating, _, has_alpha, own_colors, *_ = (bits.uint(1) for _ in range(9))
    subsampling = bits.uint(2)
    orientation = bits.uint(3) + 1
    side = 15 if bits.uint(1) else 7
    width, height = bits.uint(side) + 1, bits.uint(side) + 1
    bits.uint({1: 2, 2: 1}.get(subsampling, 0))
    depth = _bit_depth(bits, floating=bool(floating))
    bits.uint(has_alpha)
    bits.uint((24 if subsampling else 16) if own_colors else 0)
    codec = bits.uint(32).to_bytes(4, "big") if own_codec else source.at(12, 4)
    return ImageHeader(
        format="AVIF" if codec in (b"avif", b"av01") else "HEIF",
        width=width,
        height=height,
        orientation=orientation,
        color_mode=Coding(depth, monochrome=not subsampling).color_mode(has_alpha=bool(has_alpha)),
        bit_depth=depth,
        has_alpha=bool(has_alpha),
        frame_count=1,
    )


def _bit_depth(bits: _Bits, *, floating: bool) -> int:
    if floating:
        return 1 << (bits.uint(2) + 4)
    return bits.uint(3) + 9 if bits.uint(1) else 8
