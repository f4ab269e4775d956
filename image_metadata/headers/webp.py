"""WebP: RIFF chunks (RFC 9649), VP8 key frame header (RFC 6386 section 9.1), VP8L header (RFC 9649 section 3.4)."""

# ruff: noqa: PLR2004 - the numbers of a header are those of its specification

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from image_metadata.headers.embedded.sources import Source, header_fields
from image_metadata.headers.embedded.xmp import LONGEST_PACKET, read_xmp
from image_metadata.headers.exif.fields import read_exif
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.model import ImageHeader

_ANIMATION, _XMP, _EXIF, _ALPHA = 0x02, 0x04, 0x08, 0x10
_FIRST_CHUNK = 12
MOST_CHUNKS, MOST_HELD_CHUNKS = 16, 5000
"""Chunks that are walked over, and those of a file that is held as a whole."""

_chunk = struct.Struct("<4sI").unpack


class _Chunk(NamedTuple):
    kind: bytes
    start: int
    end: int


def read(source: HeaderReader) -> ImageHeader:
    """The first chunk gives all but the metadata behind the pixels, which are fetched where that chunk promises them.

    Where the whole file is held, all its chunks are walked; those of an animation only there.
    """
    kind = source.at(12, 4)
    if kind == b"VP8X":
        return _read_extended(source)
    if kind == b"VP8L":
        signature, bits = struct.unpack("<BI", source.at(20, 5))
        if signature == 0x2F and bits >> 29 == 0:
            return _header((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, has_alpha=bool(bits >> 28 & 1))
    if kind == b"VP8 ":
        tag, start_code, width, height = struct.unpack("<B2x3sHH", source.at(20, 10))
        is_key_frame, version, is_shown = not tag & 1, tag >> 1 & 7, tag >> 4 & 1
        if is_key_frame and version <= 3 and is_shown and start_code == b"\x9d\x01\x2a":
            return _header(width & 0x3FFF, height & 0x3FFF, has_alpha=False)
    raise corrupt("a VP8, VP8L or VP8X chunk", f"a damaged {kind!r}")


def _read_extended(source: HeaderReader) -> ImageHeader:
    flags, width, height = struct.unpack("<B3x3s3s", source.at(20, 10))
    size = int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    has_alpha = bool(flags & _ALPHA)
    is_held, is_animated = source.holds(0, source.size), bool(flags & _ANIMATION)
    promised = 0 if is_animated else bool(flags & _EXIF) + bool(flags & _XMP)
    chunks = list(_chunks(source, MOST_HELD_CHUNKS)) if is_held else _metadata_chunks(source, promised)
    frames = sum(chunk.kind == b"ANMF" for chunk in chunks) if is_held else None
    sources = _sources(source, chunks)
    return _header(*size, has_alpha=has_alpha, frame_count=frames if is_animated else 1, sources=sources)


def _header(
    width: int, height: int, *, has_alpha: bool, frame_count: int | None = 1, sources: Sequence[Source] = ()
) -> ImageHeader:
    return ImageHeader(
        format="WEBP",
        width=width,
        height=height,
        color_mode="RGBA" if has_alpha else "RGB",
        bit_depth=8,
        has_alpha=has_alpha,
        frame_count=frame_count,
        **header_fields(*sources),
    )


def _chunks(source: HeaderReader, most: int) -> Iterator[_Chunk]:
    """RFC 9649, 2.3: type, length, data, padded to an even length."""
    offset = _FIRST_CHUNK
    for _ in range(most):
        if offset + 8 > source.size:
            return
        kind, length = _chunk(source.at(offset, 8))
        yield _Chunk(kind, offset + 8, min(offset + 8 + length, source.size))
        offset += 8 + length + length % 2


def _metadata_chunks(source: HeaderReader, promised: int) -> list[_Chunk]:
    """As many chunks with metadata as are promised; behind them there is nothing to walk for."""
    found: list[_Chunk] = []
    chunks = _chunks(source, MOST_CHUNKS)
    while len(found) < promised and (chunk := next(chunks, None)):
        if chunk.kind in (b"EXIF", b"XMP "):
            found.append(chunk)
    return found


def _sources(source: HeaderReader, chunks: list[_Chunk]) -> list[Source]:
    """The first chunk of each kind; XMP that is not held only if EXIF has no camera date."""
    first = {chunk.kind: chunk for chunk in reversed(chunks)}
    sources = [read_exif(source, *first[b"EXIF"][1:])] if b"EXIF" in first else []
    if xmp := first.get(b"XMP "):
        length = min(xmp.end - xmp.start, LONGEST_PACKET)
        if source.holds(xmp.start, length) or not any(exif.has_camera_date for exif in sources):
            sources.append(read_xmp(source.at(xmp.start, length)))
    return sources
