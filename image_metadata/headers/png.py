"""PNG and APNG (W3C PNG specification, third edition)."""

import struct
import zlib

from image_metadata.errors import HeaderRejected
from image_metadata.headers.assembly import image_header
from image_metadata.headers.exif import NO_EXIF, read_exif
from image_metadata.model import ImageHeader, RejectionReason
from image_metadata.reader import HeaderReader

# (bit depth, colour type) → Pillow's mode; other pairs are not PNG (section 11.2.1).
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
_ALPHA_TYPES = {4, 6}
_MOST_CHUNKS = 10_000
_chunk_header = struct.Struct(">I4s").unpack
_ihdr = struct.Struct(">I4sIIBBBBBI").unpack


def read(source: HeaderReader) -> ImageHeader:
    """IHDR, then the chunk headers up to the image data; chunks in between are stepped over."""
    length, kind, width, height, depth, colour, _, filtering, _, checksum = _ihdr(source.at(8, 25))
    mode = _MODES.get((depth, colour))
    if (length, kind) != (13, b"IHDR") or checksum != zlib.crc32(source.at(12, 17)) or mode is None or filtering:
        raise HeaderRejected(RejectionReason.CORRUPT, "expected a sound IHDR chunk, found a damaged one")
    chunks = _chunks_before_pixels(source)
    exif = chunks.get(b"eXIf")
    animation = chunks.get(b"acTL")
    return image_header(
        "PNG",
        width,
        height,
        color_mode=mode,
        bit_depth=depth,
        has_alpha=colour in _ALPHA_TYPES or b"tRNS" in chunks,
        frame_count=int.from_bytes(source.at(animation[0], 4), "big") if animation else 1,
        exif=read_exif(source, *exif) if exif else NO_EXIF,
    )


def _chunks_before_pixels(source: HeaderReader) -> dict[bytes, tuple[int, int]]:
    """Chunk type → where its data starts and ends."""
    chunks: dict[bytes, tuple[int, int]] = {}
    offset = 33
    for _ in range(_MOST_CHUNKS):
        length, kind = _chunk_header(source.at(offset, 8))
        if kind in (b"IDAT", b"fdAT", b"IEND"):
            return chunks
        if not kind.isalpha():
            raise HeaderRejected(RejectionReason.CORRUPT, f"expected a PNG chunk at offset {offset}, found {kind!r}")
        chunks[kind] = (offset + 8, offset + 8 + length)
        offset += length + 12
    raise HeaderRejected(RejectionReason.HEADER_TOO_LARGE, f"expected image data within {_MOST_CHUNKS} chunks")
