"""Icons: Windows ICO and CUR, Apple ICNS."""

import struct
from collections.abc import Iterator
from functools import partial

from tests.corpus.sample import Sample, encode, picture, sample

_SIZES = [(16, 16), (32, 32), (48, 48), (256, 256)]


def samples() -> Iterator[Sample]:
    yield sample("ico-one.ico", partial(_icon, [(16, 16)]), format="ICO", width=16, height=16)
    yield sample("ico-four.ico", partial(_icon, _SIZES), width=256, height=256)
    yield sample("ico-bitmaps.ico", partial(_icon, _SIZES[:3], bitmap_format="bmp"), width=48, height=48)
    yield sample("ico-bitmap-256.ico", partial(_icon, [(256, 256)], bitmap_format="bmp"), width=256, height=256)
    yield sample("ico-not-square.ico", lambda: encode(picture("RGBA", 61, 37), "ICO", sizes=[(61, 37)]))
    yield sample("ico-opaque.ico", lambda: encode(picture("RGB", 32, 32), "ICO", bitmap_format="bmp", sizes=[(32, 32)]))
    yield sample("cur-one.cur", lambda: _cursor(_icon([(32, 32)], bitmap_format="bmp")), format="CUR")
    yield sample("cur-three.cur", lambda: _cursor(_icon(_SIZES[:3], bitmap_format="bmp")), width=48, height=48)
    yield sample("icns-full.icns", lambda: encode(picture("RGBA", 512, 512), "ICNS"), format="ICNS")
    yield sample("icns-small.icns", partial(_apple, b"ic11", 32), width=32, height=32)


def _icon(sizes: list[tuple[int, int]], **options: str) -> bytes:
    return encode(picture("RGBA", 256, 256), "ICO", sizes=sizes, **options)


def _cursor(icon: bytes) -> bytes:
    """A cursor is an icon of type 2 whose planes and depth are the hot spot."""
    data = bytearray(icon)
    data[2] = 2
    for entry in range(data[4]):
        struct.pack_into("<HH", data, 6 + 16 * entry + 4, 3, 5)
    return bytes(data)


def _apple(kind: bytes, side: int) -> bytes:
    body = encode(picture("RGBA", side, side), "PNG")
    block = kind + struct.pack(">I", 8 + len(body)) + body
    return b"icns" + struct.pack(">I", 8 + len(block)) + block
