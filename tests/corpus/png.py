"""PNG files of every color type and bit depth (W3C PNG, third edition), and APNG."""

import struct
import zlib
from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.corpus import exif
from tests.corpus.sample import HEIGHT, WIDTH, XMP, Sample, color_profile, encode, picture, sample

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOR_TYPES = {"gray": (0, 1), "rgb": (2, 3), "palette": (3, 1), "gray-alpha": (4, 2), "rgb-alpha": (6, 4)}
_DEPTHS = {
    "gray": (1, 2, 4, 8, 16),
    "rgb": (8, 16),
    "palette": (1, 2, 4, 8),
    "gray-alpha": (8, 16),
    "rgb-alpha": (8, 16),
}
# Adam7: x and y of the first pixel, and the steps, of each pass
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_WHOLE = ((0, 0, 1, 1),)


def samples() -> Iterator[Sample]:
    yield from _colors()
    yield from _transparency()
    yield from _chunks()
    yield from _animations()


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def insert(data: bytes, *chunks: bytes) -> bytes:
    """Put chunks right behind the header chunk."""
    end = len(SIGNATURE) + 25
    return data[:end] + b"".join(chunks) + data[end:]


def png(mode: str = "RGB", **options: Any) -> bytes:
    return encode(picture(mode), "PNG", **options)


def flat(kind: str, depth: int, *, interlaced: bool = False, extra: bytes = b"") -> bytes:
    """A picture of zeros written without Pillow, which writes neither interlaced files nor every depth."""
    color_type, channels = _COLOR_TYPES[kind]
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, color_type, 0, 0, interlaced)
    palette = chunk(b"PLTE", bytes(range(6))) if kind == "palette" else b""
    rows = b"".join(_rows(*each, depth * channels) for each in (_PASSES if interlaced else _WHOLE))
    body = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return SIGNATURE + chunk(b"IHDR", header) + palette + extra + body


def _rows(left: int, top: int, across: int, down: int, bits: int) -> bytes:
    columns = -(-(WIDTH - left) // across)
    rows = -(-(HEIGHT - top) // down)
    return bytes(1 + -(-columns * bits // 8)) * rows


def _colors() -> Iterator[Sample]:
    for kind, depths in _DEPTHS.items():
        for depth in depths:
            truth = {"bit_depth": depth, "has_alpha": kind.endswith("alpha"), "frame_count": 1}
            yield sample(f"png-{kind}-{depth}.png", partial(flat, kind, depth), **truth)
            interlaced = partial(flat, kind, depth, interlaced=True)
            yield sample(f"png-{kind}-{depth}-interlaced.png", interlaced, **truth)
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        yield sample(f"png-mode-{mode.replace(';', '')}.png", partial(png, mode))
    yield sample("png-1x1.png", lambda: encode(picture("RGB", 1, 1), "PNG"), width=1, height=1)
    yield sample("png-wide.png", lambda: encode(picture("1", 20_000, 1), "PNG"), width=20_000, height=1)


def _transparency() -> Iterator[Sample]:
    see_through = {"has_alpha": True}
    yield sample("png-transparent-palette.png", partial(png, "P", transparency=3), **see_through)
    yield sample("png-transparent-palette-many.png", partial(png, "P", transparency=bytes(range(9))), **see_through)
    yield sample("png-transparent-gray.png", partial(png, "L", transparency=7), **see_through)
    yield sample("png-transparent-rgb.png", partial(png, "RGB", transparency=(1, 2, 3)), **see_through)
    color = chunk(b"tRNS", struct.pack(">HHH", 1, 2, 3))
    yield sample("png-transparent-rgb-16.png", partial(flat, "rgb", 16, extra=color), **see_through)


def _chunks() -> Iterator[Sample]:
    yield sample("png-profile.png", lambda: png(icc_profile=color_profile()))
    yield sample("png-large-profile.png", lambda: insert(png(), _incompressible_profile(600_000)))
    for turn in (1, 3, 6, 8):
        block = exif.turned(turn)
        yield sample(f"png-orientation-{turn}.png", partial(png, exif=block), orientation=turn)
    yield sample("png-camera.png", lambda: png(exif=exif.camera(">")), **exif.CAMERA_TRUTH)
    for kind in (b"tEXt", b"zTXt"):
        make = partial(_with_exif_as_text, kind)
        yield sample(f"png-camera-{kind.decode().lower()}.png", make, **exif.CAMERA_TRUTH)
    late = exif.camera()
    yield sample("png-exif-behind-the-pixels.png", lambda: _before_the_end(chunk(b"eXIf", late)))
    yield sample("png-xmp.png", lambda: insert(png(), xmp_text(XMP)))
    yield sample("png-text.png", lambda: insert(png(), chunk(b"tEXt", b"Comment\0hello")))
    yield sample(
        "png-compressed-text.png", lambda: insert(png(), chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"hi")))
    )
    yield sample("png-long-text.png", lambda: insert(png(), chunk(b"tEXt", b"Comment\0" + b"x" * 300_000)))
    yield sample("png-gamma-density-time.png", lambda: insert(png(dpi=(300, 300)), *_small_chunks()))
    yield sample("png-unknown-chunk.png", lambda: insert(png(), chunk(b"vpAg", bytes(9))))
    yield sample("png-bytes-behind-the-end.png", lambda: png() + b"trailing" * 500)


def _incompressible_profile(size: int) -> bytes:
    return chunk(b"iCCP", b"profile\0\0" + zlib.compress(color_profile(size), 0))


def exif_as_text(kind: bytes, block: bytes, profile: bytes = b"exif") -> bytes:
    """A chunk as ImageMagick writes it: the digits in lines of 72."""
    digits = (b"Exif\0\0" + block).hex().encode()
    lines = b"\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    text = b"\n%s\n%8d\n%s\n" % (profile, len(digits) // 2, lines)
    body = b"\0" + zlib.compress(text) if kind == b"zTXt" else text
    return chunk(kind, b"Raw profile type %s\0" % profile + body)


def xmp_text(packet: bytes) -> bytes:
    return chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)


def _with_exif_as_text(kind: bytes) -> bytes:
    return insert(png(), exif_as_text(kind, exif.camera(">")))


def _before_the_end(extra: bytes) -> bytes:
    data = png()
    return data[:-12] + extra + data[-12:]


def _small_chunks() -> list[bytes]:
    chromaticities = struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
    return [
        chunk(b"gAMA", struct.pack(">I", 45455)),
        chunk(b"cHRM", chromaticities),
        chunk(b"tIME", struct.pack(">HBBBBB", 2024, 2, 3, 4, 5, 6)),
    ]


def _animations() -> Iterator[Sample]:
    frames = [picture().rotate(angle) for angle in (90, 180)]
    animated: dict[str, Any] = {"save_all": True, "append_images": frames, "duration": 40}
    yield sample("png-animated.png", partial(png, **animated), frame_count=3, format="PNG")
    yield sample("png-animated-alpha.png", partial(png, "RGBA", **animated), frame_count=3, has_alpha=True)
    yield sample("png-animated-default-image.apng", partial(png, default_image=True, **animated), format="PNG")
