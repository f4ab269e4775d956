"""PNG and APNG (W3C, Portable Network Graphics Specification, third edition)."""

# ruff: noqa: PLR2004 - the numbers of a header are those of its specification

import struct
import zlib

from image_metadata.headers.embedded.sources import header_fields
from image_metadata.headers.png_metadata import ChunkMetadata
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt, too_large
from image_metadata.headers.signatures import PNG as SIGNATURE
from image_metadata.model import ImageHeader

# (bit depth, color type) → Pillow's mode; other pairs are not PNG (section 11.2.1).
_MODES = {
    (1, 0): "1",
    (2, 0): "L",
    (4, 0): "L",
    (8, 0): "L",
    (16, 0): "I;16",
    (8, 2): "RGB",
    (16, 2): "RGB",
    (1, 3): "P",
    (2, 3): "P",
    (4, 3): "P",
    (8, 3): "P",
    (8, 4): "LA",
    (16, 4): "RGBA",
    (8, 6): "RGBA",
    (16, 6): "RGBA",
}
_ALPHA_TYPES = (4, 6)
_PIXELS = frozenset([b"IDAT", b"fdAT"])
MOST_CHUNKS = 4096
"""Chunks that are walked over."""

_chunk = struct.Struct(">I4s").unpack
_ihdr = struct.Struct(">I4sIIBBBBBI").unpack


def read(source: HeaderReader) -> ImageHeader:
    """A file that is a PNG."""
    return read_at(source, 0)


def read_at(source: HeaderReader, start: int) -> ImageHeader:
    """The PNG whose signature stands at ``start``: IHDR, and where the chunks are that come before the pixels."""
    offset = start + len(SIGNATURE)
    # Xcode puts a chunk of its own first into the PNGs of iPhone apps; Pillow takes any there.
    if source.at(offset + 4, 4) != b"IHDR":
        offset += 12 + _chunk(source.at(offset, 8))[0]
    header = source.at(offset, 25)
    length, kind, width, height, depth, color, _, filtering, _, checksum = _ihdr(header)
    mode = _MODES.get((depth, color))
    sound = kind == b"IHDR" and length == 13 and checksum == zlib.crc32(header[4:21])
    if not sound or mode is None or filtering:
        raise corrupt("a sound IHDR chunk", f"{header[4:].hex(' ')} at offset {offset + 4}")
    metadata = ChunkMetadata(source)
    chunks = _walk(source, offset + 25, metadata)
    return ImageHeader(
        format="PNG",
        width=width,
        height=height,
        color_mode=mode,
        bit_depth=depth,
        has_alpha=color in _ALPHA_TYPES or b"tRNS" in chunks,
        frame_count=_frame_count(source, chunks),
        **header_fields(*metadata.sources()),
    )


def _walk(source: HeaderReader, offset: int, metadata: ChunkMetadata) -> dict[bytes, int]:
    """Chunk type → where the data of the first one before the pixels starts; behind them only metadata that is held."""
    chunks: dict[bytes, int] = {}
    is_behind = False
    for _ in range(MOST_CHUNKS):
        if is_behind and not source.holds(offset, 8):
            return chunks
        length, kind = _chunk(source.at(offset, 8))
        is_behind = is_behind or kind in _PIXELS
        if kind == b"IEND" or (is_behind and not kind.isalpha()):
            return chunks
        if not kind.isalpha():
            raise corrupt(f"a PNG chunk at offset {offset}", f"{kind!r}")
        if not is_behind:
            chunks.setdefault(kind, offset + 8)
        if not is_behind or source.holds(offset + 8, length):
            metadata.add(kind, offset + 8, offset + 8 + length)
        offset += 12 + length
    if is_behind:
        return chunks
    raise too_large(f"image data within {MOST_CHUNKS} chunks")


def _frame_count(source: HeaderReader, chunks: dict[bytes, int]) -> int:
    """Section 11.3.6.1: at least 1 and less than 2³¹; else it is no animation."""
    frames = int.from_bytes(source.at(chunks[b"acTL"], 4), "big") if b"acTL" in chunks else 1
    return frames if 0 < frames < 2**31 else 1
