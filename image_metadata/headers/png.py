"""PNG and APNG (W3C, Portable Network Graphics Specification, third edition)."""

# ruff: noqa: PLR2004 - the numbers of a header are those of its specification

import re
import struct
import zlib
from dataclasses import asdict

from image_metadata.headers.embedded.sources import Source, merge
from image_metadata.headers.exif.fields import read_exif, read_exif_bytes
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt, too_large
from image_metadata.model import ImageHeader

SIGNATURE = b"\x89PNG\r\n\x1a\n"

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
_MOST_CHUNKS = 20_000
_TEXTS = (b"zTXt", b"tEXt")
_EXIF = (*_TEXTS, b"eXIf")
_EXIF_TEXT = re.compile(rb"Raw profile type (exif|APP1)\0")
_LONGEST_KEYWORD = 80
_PROFILE = re.compile(rb"\n[^\n]*\n *[0-9]+\n([0-9A-Fa-f\s]*)")
_MOST_TEXT = 128 * 1024

_chunk = struct.Struct(">I4s").unpack
_ihdr = struct.Struct(">I4sIIBBBBBI").unpack


def read(source: HeaderReader) -> ImageHeader:
    """A file that is a PNG."""
    return read_at(source, 0)


def read_at(source: HeaderReader, start: int) -> ImageHeader:
    """The PNG whose signature stands at ``start``: IHDR, and where the chunks are that come before the pixels."""
    place = start + len(SIGNATURE)
    # Xcode puts a chunk of its own first into the PNGs of iPhone apps; Pillow takes any there.
    if source.at(place + 4, 4) != b"IHDR":
        place += 12 + _chunk(source.at(place, 8))[0]
    header = source.at(place, 25)
    length, kind, width, height, depth, color, _, filtering, _, checksum = _ihdr(header)
    mode = _MODES.get((depth, color))
    sound = kind == b"IHDR" and length == 13 and checksum == zlib.crc32(header[4:21])
    if not sound or mode is None or filtering:
        raise corrupt("a sound IHDR chunk", f"{header[4:].hex(' ')} at offset {place + 4}")
    chunks = _chunks(source, place + 25)
    return ImageHeader(
        format="PNG",
        width=width,
        height=height,
        color_mode=mode,
        bit_depth=depth,
        has_alpha=color in _ALPHA_TYPES or b"tRNS" in chunks,
        frame_count=_frame_count(source, chunks),
        **asdict(merge(_exif(source, chunks))),
    )


def _chunks(source: HeaderReader, offset: int) -> dict[bytes, tuple[int, int]]:
    """Chunk type → where its data starts and ends: those before the pixels, and EXIF behind them where it is free.

    Of the chunks with text only one that is EXIF, and only where it is free.
    """
    chunks: dict[bytes, tuple[int, int]] = {}
    behind = False
    for _ in range(_MOST_CHUNKS):
        if behind and not source.holds(offset, 8):
            return chunks
        length, kind = _chunk(source.at(offset, 8))
        behind = behind or kind in _PIXELS
        if kind == b"IEND" or (behind and not kind.isalpha()):
            return chunks
        if not kind.isalpha():
            raise corrupt(f"a PNG chunk at offset {offset}", f"{kind!r}")
        if (not behind and kind not in _TEXTS) or (kind in _EXIF and _is_exif(source, kind, offset + 8, length)):
            chunks.setdefault(kind, (offset + 8, offset + 8 + length))
        offset += 12 + length
    raise too_large(f"image data within {_MOST_CHUNKS} chunks")


def _frame_count(source: HeaderReader, chunks: dict[bytes, tuple[int, int]]) -> int:
    """Section 11.3.6.1: at least 1 and less than 2³¹; else it is no animation."""
    frames = int.from_bytes(source.at(chunks[b"acTL"][0], 4), "big") if b"acTL" in chunks else 1
    return frames if 0 < frames < 2**31 else 1


def _is_exif(source: HeaderReader, kind: bytes, start: int, length: int) -> bool:
    """Whether the chunk is EXIF that costs no further read."""
    if not source.holds(start, length):
        return False
    text = source.at(start, min(length, _LONGEST_KEYWORD)) if kind in _TEXTS else b""
    return kind == b"eXIf" or _EXIF_TEXT.match(text) is not None


def _exif(source: HeaderReader, chunks: dict[bytes, tuple[int, int]]) -> Source | None:
    if b"eXIf" in chunks:
        return read_exif(source, *chunks[b"eXIf"])
    kind = next((kind for kind in _TEXTS if kind in chunks), None)
    if kind is None:
        return None
    start, end = chunks[kind]
    block = _exif_of_text(source.at(start, end - start), compressed=kind == b"zTXt")
    return read_exif_bytes(block)


def _exif_of_text(chunk: bytes, *, compressed: bool) -> bytes:
    """As ImageMagick and others wrote it before there was ``eXIf``: on lines a name, a length, hexadecimal digits."""
    text = chunk[chunk.index(b"\0") + 1 :]
    if compressed:
        try:
            text = zlib.decompressobj().decompress(text[1:], _MOST_TEXT)
        except zlib.error:
            return b""
    lines = _PROFILE.match(text[:_MOST_TEXT])
    digits = b"".join(lines[1].split()) if lines else b""
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
