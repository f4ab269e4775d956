"""GIF files, 87a and 89a (CompuServe's specifications of 1987 and 1990)."""

import struct
from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.corpus.sample import HEIGHT, WIDTH, XMP, Sample, encode, picture, sample

_HEADER = 6


def samples() -> Iterator[Sample]:
    yield sample("gif-89a.gif", partial(gif, "P"), has_alpha=False)
    yield sample("gif-87a.gif", lambda: b"GIF87a" + gif("P")[_HEADER:], has_alpha=False)
    yield sample("gif-89a-forced.gif", lambda: b"GIF89a" + gif("P")[_HEADER:])
    yield sample("gif-gray.gif", partial(gif, "L"))
    yield sample("gif-bilevel.gif", partial(gif, "1"))
    yield sample("gif-rgb-source.gif", partial(gif, "RGB"))
    yield sample("gif-two-colors.gif", lambda: encode(picture("RGB").quantize(2), "GIF"))
    yield sample("gif-transparent.gif", partial(gif, "RGBA"), has_alpha=True)
    yield sample("gif-interlaced.gif", partial(gif, "P", interlace=1))
    yield sample("gif-not-interlaced.gif", partial(gif, "P", interlace=0))
    yield sample("gif-comment.gif", partial(gif, "P", comment=b"hello"))
    yield sample("gif-long-comment.gif", partial(gif, "P", comment=b"x" * 20_000))
    yield sample("gif-xmp.gif", lambda: before_the_image(xmp_extension(XMP.replace(b"\n", b" "))))
    yield sample("gif-1x1.gif", lambda: encode(picture("P", 1, 1), "GIF"), width=1, height=1)
    yield sample("gif-wide.gif", lambda: encode(picture("1", 20_000, 1), "GIF"), width=20_000, height=1)
    yield from _animations()
    yield from _screens()


def gif(mode: str, **options: Any) -> bytes:
    return encode(picture(mode), "GIF", **options)


def _animations() -> Iterator[Sample]:
    frames = [picture("P").rotate(angle) for angle in (90, 180)]
    animated = partial(gif, "P", save_all=True, append_images=frames, duration=40)
    yield sample("gif-animated.gif", partial(animated, loop=0))
    yield sample("gif-animated-disposal.gif", partial(animated, disposal=2))
    seen_through = partial(gif, "RGBA", save_all=True, append_images=[picture("RGBA").rotate(90)], disposal=2)
    yield sample("gif-animated-transparent.gif", seen_through, has_alpha=True)


def _screens() -> Iterator[Sample]:
    yield sample("gif-offset-first-frame.gif", partial(_on_screen, 200, 100, left=20, top=10), width=200, height=100)
    yield sample("gif-frame-past-the-screen.gif", partial(_on_screen, 30, 20))
    yield sample("gif-local-colors.gif", _local_colors)


def _on_screen(width: int, height: int, *, left: int = 0, top: int = 0) -> bytes:
    data = bytearray(gif("P"))
    data[6:10] = struct.pack("<HH", width, height)
    position = data.index(b"," + struct.pack("<HHHH", 0, 0, WIDTH, HEIGHT))
    data[position + 1 : position + 5] = struct.pack("<HH", left, top)
    return bytes(data)


def _local_colors() -> bytes:
    """The only color table belongs to the frame, as in what many optimizers write."""
    black = bytes(6)
    image = struct.pack("<BHHHHB", 0x2C, 0, 0, 2, 1, 0x80) + black + b"\x02\x02\x44\x0a\x00"
    return b"GIF89a" + struct.pack("<HHBBB", 2, 1, 0, 0, 0) + image + b";"


def before_the_image(extension: bytes) -> bytes:
    data = gif("P")
    position = data.index(b"," + struct.pack("<HHHH", 0, 0, WIDTH, HEIGHT))
    return b"GIF89a" + data[_HEADER:position] + extension + data[position:]


def xmp_extension(packet: bytes) -> bytes:
    """XMP stands there as it is, behind it a run of falling bytes that leads readers of sub-blocks to its end."""
    trailer = bytes([1, *range(255, -1, -1), 0])
    return b"!\xff\x0bXMP DataXMP" + packet + trailer
