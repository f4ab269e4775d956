"""JPEG XL headers and containers (ISO/IEC 18181-1, annexes A and D; 18181-2, clause 9), laid out bit by bit.

There are no frames behind the headers: what libjxl writes is compared in a test of its own.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from tests.corpus import exif
from tests.corpus.isobmff import box
from tests.corpus.sample import HEIGHT, WIDTH, Sample, sample

SIGNATURE = box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl ", bytes(4), b"jxl ")
ALPHA, DEPTH, SPOT_COLOR, BLACK, COLOR_FILTER, OPTIONAL = 0, 1, 2, 4, 5, 16
"""Types of extra channels."""

RATIOS = ((1, 1, 1), (2, 12, 10), (3, 4, 3), (4, 3, 2), (5, 16, 9), (6, 5, 4), (7, 2, 1))
"""Number in the header, width, height."""


class Bits:
    """Fields of a few bits, the lowest first."""

    def __init__(self) -> None:
        self._number = 0
        self._length = 0

    def uint(self, value: int, count: int) -> None:
        assert value < 1 << count, (value, count)
        self._number |= value << self._length
        self._length += count

    def choice(self, value: int, *distributions: tuple[int, int]) -> None:
        """The first distribution (offset, bits) that holds the value."""
        for selector, (offset, count) in enumerate(distributions):
            if 0 <= value - offset < 1 << count:
                self.uint(selector, 2)
                self.uint(value - offset, count)
                return
        raise ValueError(f"expected a value of one of {distributions}, found {value}")

    def enum(self, value: int) -> None:
        self.choice(value, (0, 0), (1, 0), (2, 4), (18, 6))

    def to_bytes(self) -> bytes:
        return self._number.to_bytes(-(-self._length // 8), "little")


@dataclass(frozen=True)
class Header:
    """A codestream's header; with every default it is as short as it gets.

    Attributes:
        ratio: number of a ratio of width to height, 0 to write the width out.
        extra_channels: types of them.
    """

    width: int = WIDTH
    height: int = HEIGHT
    ratio: int = 0
    orientation: int = 1
    intrinsic_size: tuple[int, int] | None = None
    preview: tuple[int, int] | None = None
    is_animated: bool = False
    bits: int = 8
    exponent_bits: int = 0
    extra_channels: Sequence[int] = ()
    color_space: int = 0

    def to_bytes(self) -> bytes:
        out = Bits()
        _size(out, self.width, self.height, self.ratio)
        plain = Header(self.width, self.height, self.ratio)
        out.uint(int(self == plain), 1)
        if self != plain:
            self._fields(out)
        return b"\xff\x0a" + out.to_bytes() + bytes(100)

    def _fields(self, out: Bits) -> None:
        has_extra = self.orientation > 1 or self.intrinsic_size or self.preview or self.is_animated
        out.uint(int(bool(has_extra)), 1)
        if has_extra:
            self._extra_fields(out)
        _bit_depth(out, self.bits, self.exponent_bits)
        out.uint(1, 1)
        out.choice(len(self.extra_channels), (0, 0), (1, 0), (2, 4), (1, 12))
        for kind in self.extra_channels:
            _extra_channel(out, kind)
        out.uint(0, 1)
        out.uint(int(self.color_space == 0), 1)
        if self.color_space:
            out.uint(0, 1)
            out.enum(self.color_space)

    def _extra_fields(self, out: Bits) -> None:
        out.uint(self.orientation - 1, 3)
        out.uint(int(self.intrinsic_size is not None), 1)
        if self.intrinsic_size:
            _size(out, *self.intrinsic_size, 0)
        out.uint(int(self.preview is not None), 1)
        if self.preview:
            out.uint(0, 1)
            _preview_side(out, self.preview[1])
            out.uint(0, 3)
            _preview_side(out, self.preview[0])
        out.uint(int(self.is_animated), 1)
        if self.is_animated:
            out.choice(24, (100, 0), (1000, 0), (1, 10), (1, 30))
            out.choice(1, (1, 0), (1001, 0), (1, 8), (1, 10))
            out.choice(5, (0, 0), (0, 3), (0, 16), (0, 32))
            out.uint(0, 1)


def _size(out: Bits, width: int, height: int, ratio: int) -> None:
    is_small = height % 8 == 0 and height <= 256 and (ratio or (width % 8 == 0 and width <= 256))
    out.uint(int(bool(is_small)), 1)
    _side(out, height, bool(is_small))
    out.uint(ratio, 3)
    if not ratio:
        _side(out, width, bool(is_small))


def _side(out: Bits, value: int, is_small: bool) -> None:
    if is_small:
        out.uint(value // 8 - 1, 5)
    else:
        out.choice(value, (1, 9), (1, 13), (1, 18), (1, 30))


def _preview_side(out: Bits, value: int) -> None:
    out.choice(value, (1, 6), (65, 8), (321, 10), (1345, 12))


def _bit_depth(out: Bits, bits: int, exponent_bits: int) -> None:
    out.uint(int(bool(exponent_bits)), 1)
    if exponent_bits:
        out.choice(bits, (32, 0), (16, 0), (24, 0), (1, 6))
        out.uint(exponent_bits - 1, 4)
    else:
        out.choice(bits, (8, 0), (10, 0), (12, 0), (1, 6))


def _extra_channel(out: Bits, kind: int) -> None:
    out.uint(0, 1)
    out.enum(kind)
    _bit_depth(out, 8, 0)
    out.choice(0, (0, 0), (3, 0), (4, 0), (1, 3))
    name = b"channel"
    out.choice(len(name), (0, 0), (0, 4), (16, 5), (48, 10))
    for letter in name:
        out.uint(letter, 8)
    if kind == ALPHA:
        out.uint(1, 1)
    elif kind == SPOT_COLOR:
        out.uint(0, 64)
    elif kind == COLOR_FILTER:
        out.choice(7, (1, 0), (0, 2), (3, 4), (19, 8))


def container(*parts: bytes) -> bytes:
    return SIGNATURE + b"".join(parts)


def whole(header: Header = Header()) -> bytes:
    return box(b"jxlc", header.to_bytes())


def parts(header: Header, first: int) -> tuple[bytes, bytes]:
    """The codestream in two boxes, cut at byte ``first``."""
    data = header.to_bytes()
    return box(b"jxlp", bytes(4), data[:first]), box(b"jxlp", struct.pack(">I", 1 << 31 | 1), data[first:])


def exif_box(block: bytes) -> bytes:
    return box(b"Exif", bytes(4), block)


def samples() -> Iterator[Sample]:
    stored = {"width": WIDTH, "height": HEIGHT, "format": "JXL"}
    yield sample("jxl-plain.jxl", Header().to_bytes, color_mode="RGB", bit_depth=8, frame_count=1, **stored)
    yield sample("jxl-container.jxl", lambda: container(whole()), **stored)
    yield sample("jxl-in-parts.jxl", lambda: container(*parts(Header(bits=10), 60)), bit_depth=10, **stored)
    for number, across, down in RATIOS:
        width, height = 120 * across // down, 120
        header = Header(width, height, ratio=number)
        yield sample(f"jxl-ratio-{number}.jxl", header.to_bytes, width=width, height=height)
    yield sample("jxl-large.jxl", Header(300_000, 400_000, bits=16).to_bytes, width=300_000, height=400_000)
    for turn in range(2, 9):
        shown = {"display_width": HEIGHT if turn > 4 else WIDTH, "orientation": turn}
        yield sample(f"jxl-turned-{turn}.jxl", Header(orientation=turn).to_bytes, **stored, **shown)
    alpha = {"has_alpha": True, "color_mode": "RGBA", "bit_depth": 12}
    yield sample("jxl-alpha.jxl", Header(bits=12, extra_channels=[DEPTH, SPOT_COLOR, ALPHA]).to_bytes, **alpha)
    yield sample("jxl-gray.jxl", Header(bits=16, color_space=1).to_bytes, color_mode="I;16", bit_depth=16)
    yield sample("jxl-float.jxl", Header(bits=32, exponent_bits=8).to_bytes, bit_depth=32, has_alpha=False)
    animated = Header(is_animated=True, preview=(100, 400), intrinsic_size=(640, 480))
    yield sample("jxl-animated.jxl", animated.to_bytes, frame_count=None, **stored)
    yield from _with_exif()


def _with_exif() -> Iterator[Sample]:
    block = exif_box(exif.camera())
    yield sample("jxl-camera.jxl", lambda: container(block, whole()), **exif.CAMERA_TRUTH)
    yield sample(
        "jxl-camera-behind.jxl", lambda: container(whole(), box(b"free", bytes(99)), block), **exif.CAMERA_TRUTH
    )
    turned = partial(lambda: container(exif_box(exif.turned(6)), whole(Header(orientation=8))))
    yield sample("jxl-exif-disagrees.jxl", turned, orientation=8)
    yield sample(
        "jxl-exif-compressed.jxl", lambda: container(box(b"brob", b"Exif", bytes(40)), whole()), camera_make=None
    )
