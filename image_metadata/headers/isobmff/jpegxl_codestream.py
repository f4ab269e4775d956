"""JPEG XL codestream: the image header at its start (ISO/IEC 18181-1, annexes A and D)."""

from collections.abc import Callable
from dataclasses import dataclass

from image_metadata.headers.rejections import corrupt
from image_metadata.headers.signatures import JPEGXL_CODESTREAM as SIGNATURE

_ALPHA, _SPOT_COLOR, _COLOR_FILTER = 0, 2, 5
_GRAY = 1
# Width to height, by the number in the header (table D.3); 0 is for a width that is written out.
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}


@dataclass(frozen=True, slots=True)
class Codestream:
    """What the header of a codestream says.

    Attributes:
        width: pixels as stored, before orientation.
        height: pixels of the same.
        orientation: as in EXIF, 1 to 8.
        bit_depth: bits per channel.
        is_float: whether the numbers are floating-point.
        is_gray: whether there is one color channel.
        has_alpha: whether one of the extra channels is alpha.
        is_animated: whether the frames are shown one after the other.
    """

    width: int
    height: int
    orientation: int = 1
    bit_depth: int = 8
    is_float: bool = False
    is_gray: bool = False
    has_alpha: bool = False
    is_animated: bool = False


def parse_codestream(data: bytes) -> Codestream:
    """Parse the header at the start of ``data``, which may end anywhere behind it.

    Raises:
        HeaderRejectedError: corrupt, when this is no codestream or ends within the header.
    """
    if not data.startswith(SIGNATURE):
        raise corrupt("a JPEG XL codestream", f"{data[:2].hex(' ') or 'no bytes'}")
    bits = _Bits(data[len(SIGNATURE) :])
    width, height = _size(bits)
    if bits.flag():  # every field has its default
        return Codestream(width, height)
    orientation, is_animated = _extra_fields(bits) if bits.flag() else (1, False)
    bit_depth, is_float = _bit_depth(bits)
    bits.uint(1)  # whether 16-bit buffers suffice
    extra_channels = bits.choice(lambda: 0, lambda: 1, lambda: 2 + bits.uint(4), lambda: 1 + bits.uint(12))
    has_alpha = _ALPHA in [_extra_channel(bits) for _ in range(extra_channels)]
    bits.uint(1)  # whether the color is encoded as XYB
    return Codestream(width, height, orientation, bit_depth, is_float, _is_gray(bits), has_alpha, is_animated)


class _Bits:
    """Unsigned fields of a few bits, least significant first."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._offset = 0

    def uint(self, count: int) -> int:
        first, last = self._offset // 8, (self._offset + count + 7) // 8
        if last > len(self._data):
            raise corrupt("a JPEG XL image header", f"a codestream of {len(self._data) + len(SIGNATURE)} bytes")
        number = int.from_bytes(self._data[first:last], "little") >> self._offset % 8
        self._offset += count
        return number & ((1 << count) - 1)

    def flag(self) -> bool:
        return bool(self.uint(1))

    def choice(self, *readers: Callable[[], int]) -> int:
        """One of four distributions, chosen by two bits: ``U32`` of clause B.2.2."""
        return readers[self.uint(2)]()

    def enum(self) -> int:
        return self.choice(lambda: 0, lambda: 1, lambda: 2 + self.uint(4), lambda: 18 + self.uint(6))


def _size(bits: _Bits) -> tuple[int, int]:
    """``SizeHeader`` (D.2): the height, then the width as a ratio of it or written out."""

    def side() -> int:
        return 8 * (bits.uint(5) + 1) if is_small else 1 + bits.uint((9, 13, 18, 30)[bits.uint(2)])

    is_small = bits.flag()
    height = side()
    ratio = bits.uint(3)
    return (height * _RATIOS[ratio][0] // _RATIOS[ratio][1] if ratio else side()), height


def _extra_fields(bits: _Bits) -> tuple[int, bool]:
    """Orientation, and whether there is an animation; between them the sizes of a display and of a preview."""
    orientation = bits.uint(3) + 1
    if bits.flag():
        _size(bits)
    if bits.flag():
        _skip_preview(bits)
    is_animated = bits.flag()
    if is_animated:
        bits.choice(lambda: 100, lambda: 1000, lambda: bits.uint(10), lambda: bits.uint(30))
        bits.choice(lambda: 1, lambda: 1001, lambda: bits.uint(8), lambda: bits.uint(10))
        bits.choice(lambda: 0, lambda: bits.uint(3), lambda: bits.uint(16), lambda: bits.uint(32))
        bits.uint(1)
    return orientation, is_animated


def _skip_preview(bits: _Bits) -> None:
    """``PreviewHeader`` (D.3.4): as ``SizeHeader``, with other distributions."""

    def side() -> int:
        if in_eights:
            return bits.choice(lambda: 16, lambda: 32, lambda: bits.uint(5), lambda: bits.uint(9))
        return bits.choice(lambda: bits.uint(6), lambda: bits.uint(8), lambda: bits.uint(10), lambda: bits.uint(12))

    in_eights = bits.flag()
    side()
    if bits.uint(3) == 0:
        side()


def _bit_depth(bits: _Bits) -> tuple[int, bool]:
    """Bits per sample, and whether they are a floating-point number (D.3.2)."""
    if bits.flag():
        depth = bits.choice(lambda: 32, lambda: 16, lambda: 24, lambda: 1 + bits.uint(6))
        bits.uint(4)  # bits of the exponent
        return depth, True
    return bits.choice(lambda: 8, lambda: 10, lambda: 12, lambda: 1 + bits.uint(6)), False


def _extra_channel(bits: _Bits) -> int:
    """The type of an extra channel (D.3.6)."""
    if bits.flag():
        return _ALPHA
    kind = bits.enum()
    _bit_depth(bits)
    bits.choice(lambda: 0, lambda: 3, lambda: 4, lambda: bits.uint(3))  # how much smaller the channel is
    for _ in range(bits.choice(lambda: 0, lambda: bits.uint(4), lambda: 16 + bits.uint(5), lambda: 48 + bits.uint(10))):
        bits.uint(8)  # its name
    if kind == _ALPHA:
        bits.uint(1)
    elif kind == _SPOT_COLOR:
        bits.uint(64)
    elif kind == _COLOR_FILTER:
        bits.choice(lambda: 1, lambda: bits.uint(2), lambda: bits.uint(4), lambda: bits.uint(8))
    return kind


def _is_gray(bits: _Bits) -> bool:
    """``ColourEncoding`` (D.3.5) as far as the color space."""
    if bits.flag():
        return False
    bits.uint(1)  # whether an ICC profile follows
    return bits.enum() == _GRAY
