"""BMP files: every header since OS/2 1.x (12, 16, 40, 52, 56, 64, 108, 124 bytes), every depth, both row orders."""

import struct
from collections.abc import Iterator
from functools import partial

from tests.corpus.sample import HEIGHT, WIDTH, Sample, encode, picture, sample

_RGB, _RLE8, _RLE4, _BITFIELDS = 0, 1, 2, 3
_RUNS = bytes([WIDTH, 0, 0, 0]) * HEIGHT + b"\0\1"
_MASKS_565 = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
_MASKS_555 = struct.pack("<III", 0x7C00, 0x03E0, 0x001F)
_MASKS_32 = struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)


def samples() -> Iterator[Sample]:
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        yield sample(f"bmp-mode-{mode}.bmp", partial(lambda mode: encode(picture(mode), "BMP"), mode), format="BMP")
    yield from _depths()
    yield from _headers()
    yield sample("bmp-rle-8.bmp", partial(bmp, 8, compression=_RLE8, pixels=_RUNS))
    yield sample("bmp-rle-4.bmp", partial(bmp, 4, compression=_RLE4, pixels=_RUNS))
    yield sample("bmp-bitmap-only.dib", lambda: encode(picture(), "DIB"))


def bmp(  # noqa: PLR0913  # fields of the header
    depth: int, size: int = 40, *, height: int = HEIGHT, compression: int = 0, masks: bytes = b"", pixels: bytes = b""
) -> bytes:
    """A black picture. Masks stand behind a 40-byte header and inside the longer ones."""
    colors = 1 << depth if depth <= 8 else 0
    body = pixels or bytes((WIDTH * depth + 31) // 32 * 4 * abs(height))
    if size == 12:
        info = struct.pack("<IHHHH", size, WIDTH, height, 1, depth)
        palette = bytes(3 * colors)
    else:
        fields = (size, WIDTH, height, 1, depth, compression, len(body), 2835, 2835, 0, 0)
        info = (struct.pack("<IiiHHIIiiII", *fields) + masks).ljust(size, b"\0")
        palette = bytes(4 * colors)
    start = 14 + len(info) + len(palette)
    return struct.pack("<2sIHHI", b"BM", start + len(body), 0, 0, start) + info + palette + body


def _depths() -> Iterator[Sample]:
    for depth in (1, 4, 8, 16, 24, 32):
        yield sample(f"bmp-{depth}.bmp", partial(bmp, depth), width=WIDTH, height=HEIGHT)
        yield sample(f"bmp-{depth}-top-down.bmp", partial(bmp, depth, height=-HEIGHT), width=WIDTH, height=HEIGHT)
    yield sample("bmp-16-565.bmp", partial(bmp, 16, compression=_BITFIELDS, masks=_MASKS_565))
    yield sample("bmp-16-555.bmp", partial(bmp, 16, compression=_BITFIELDS, masks=_MASKS_555))
    yield sample("bmp-32-fields.bmp", partial(bmp, 32, compression=_BITFIELDS, masks=_MASKS_32[:12]))


def _headers() -> Iterator[Sample]:
    for depth in (1, 4, 8, 24):
        yield sample(f"bmp-os2-1-{depth}.bmp", partial(bmp, depth, 12), width=WIDTH, height=HEIGHT)
    yield sample("bmp-os2-2.bmp", partial(bmp, 24, 64), width=WIDTH, height=HEIGHT)
    for size, version in {52: "v2", 56: "v3", 108: "v4", 124: "v5"}.items():
        yield sample(f"bmp-{version}.bmp", partial(bmp, 24, size), width=WIDTH, height=HEIGHT)
        if size > 52:
            alpha = partial(bmp, 32, size, compression=_BITFIELDS, masks=_MASKS_32)
            yield sample(f"bmp-{version}-alpha.bmp", alpha, has_alpha=True, color_mode="RGBA")
