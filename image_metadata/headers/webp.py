"""WebP: RIFF chunks (RFC 9649), VP8 key frame header (RFC 6386 section 9.1), VP8L header (RFC 9649 section 3.4)."""

# ruff: noqa: PLR2004 - the numbers of a header are those of its specification

import struct
from dataclasses import asdict

from image_metadata.headers.embedded.sources import Source, merge
from image_metadata.headers.exif.fields import read_exif
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.model import ImageHeader

_ANIMATION, _EXIF, _ALPHA = 0x02, 0x08, 0x10
_MOST_CHUNKS = 16


def read(source: HeaderReader) -> ImageHeader:
    """The first chunk says it all; EXIF, which comes after the pixels, is fetched where that chunk promises it."""
    kind = source.at(12, 4)
    if kind == b"VP8X":
        return _extended(source)
    if kind == b"VP8L":
        signature, bits = struct.unpack("<BI", source.at(20, 5))
        if signature == 0x2F and bits >> 29 == 0:
            return _still((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, has_alpha=bool(bits >> 28 & 1))
    if kind == b"VP8 ":
        tag, start_code, width, height = struct.unpack("<B2x3sHH", source.at(20, 10))
        key_frame, version, shown = not tag & 1, tag >> 1 & 7, tag >> 4 & 1
        if key_frame and version <= 3 and shown and start_code == b"\x9d\x01\x2a":
            return _still(width & 0x3FFF, height & 0x3FFF, has_alpha=False)
    raise corrupt("a VP8, VP8L or VP8X chunk", f"a damaged {kind!r}")


def _still(width: int, height: int, *, has_alpha: bool, exif: Source | None = None) -> ImageHeader:
    return _header(width, height, has_alpha, 1, exif)


def _header(width: int, height: int, has_alpha: bool, frames: int | None, exif: Source | None) -> ImageHeader:
    mode = "RGBA" if has_alpha else "RGB"
    return ImageHeader(
        format="WEBP",
        width=width,
        height=height,
        color_mode=mode,
        bit_depth=8,
        has_alpha=has_alpha,
        frame_count=frames,
        **asdict(merge(exif)),
    )


def _extended(source: HeaderReader) -> ImageHeader:
    flags, width, height = struct.unpack("<B3x3s3s", source.at(20, 10))
    size = int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    has_alpha, promises_exif = bool(flags & _ALPHA), bool(flags & _EXIF)
    if not flags & _ANIMATION:
        return _still(*size, has_alpha=has_alpha, exif=_exif(source) if promises_exif else None)
    frames, exif = _animation(source)
    return _header(*size, has_alpha, frames, exif)


def _exif(source: HeaderReader) -> Source | None:
    """The EXIF chunk, found by stepping over the few chunks before it."""
    offset = 12
    for _ in range(_MOST_CHUNKS):
        if offset + 8 > source.size:
            break
        kind, length = struct.unpack("<4sI", source.at(offset, 8))
        if kind == b"EXIF":
            return read_exif(source, offset + 8, offset + 8 + length)
        offset += 8 + length + length % 2
    return None


def _animation(source: HeaderReader) -> tuple[int | None, Source | None]:
    """Number of frames, and EXIF, where all of the file came with the first read: an animation has many chunks."""
    if len(source.first) < source.size:
        return None, None
    offset, frames, exif = 12, 0, None
    while offset + 8 <= source.size:
        kind, length = struct.unpack("<4sI", source.at(offset, 8))
        frames += kind == b"ANMF"
        if kind == b"EXIF":
            exif = read_exif(source, offset + 8, offset + 8 + length)
        offset += 8 + length + length % 2
    return frames, exif
