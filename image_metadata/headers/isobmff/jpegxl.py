"""JPEG XL: the container (ISO/IEC 18181-2, clause 9) and the bare codestream."""

from image_metadata.headers.embedded.sources import Source, header_fields
from image_metadata.headers.embedded.xmp import LONGEST_PACKET, read_xmp
from image_metadata.headers.exif.fields import read_exif
from image_metadata.headers.isobmff.boxes import Box, boxes
from image_metadata.headers.isobmff.jpegxl_codestream import Codestream, parse_codestream
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.headers.signatures import JPEGXL_CODESTREAM as CODESTREAM
from image_metadata.headers.signatures import JPEGXL_CONTAINER as CONTAINER
from image_metadata.model import ImageHeader

_HEADER_READ = 4 * 1024
_WHOLE, _PART, _EXIF, _XMP = b"jxlc", b"jxlp", b"Exif", b"xml "
_PART_NUMBER = _OFFSET = 4
_MOST_JUMPS = 2
_BYTE = 8


def read(source: HeaderReader) -> ImageHeader:
    """The codestream's header; its orientation counts, and not EXIF's (ISO/IEC 18181-2, 9.6).

    EXIF behind the codestream is looked for in two requests at most. EXIF that is compressed with Brotli (``brob``)
    is not read: it would need a library.
    """
    if source.at(0, len(CODESTREAM)) == CODESTREAM:
        return _header(parse_codestream(source.at(0, min(source.size, _HEADER_READ))))
    codestream, exif, xmp, jumps = b"", None, None, 0
    for box in boxes(source, len(CONTAINER), source.size):
        if box.kind in (_WHOLE, _PART) and len(codestream) < _HEADER_READ:
            codestream += _start_of(source, box)
        elif box.kind == _EXIF and exif is None:
            exif = _exif(source, box)
        elif box.kind == _XMP and xmp is None and source.holds(box.start, box.end - box.start):
            xmp = read_xmp(box.content(source, LONGEST_PACKET))
        is_complete = box.kind == _WHOLE or len(codestream) >= _HEADER_READ
        if not source.holds(box.end, 8):
            jumps += 1
            if (exif and is_complete) or (codestream and jumps > _MOST_JUMPS):
                break
    if not codestream:
        raise corrupt("a JPEG XL codestream", "none in the container")
    return _header(parse_codestream(codestream), exif, xmp)


def _start_of(source: HeaderReader, box: Box) -> bytes:
    """The codestream as far as its header goes; its parts begin with their number."""
    start = box.start + (_PART_NUMBER if box.kind == _PART else 0)
    length = min(max(0, box.end - start), _HEADER_READ, max(0, source.size - start))
    return source.at(start, length)


def _exif(source: HeaderReader, box: Box) -> Source | None:
    """Clause 9.5: the first four bytes are the offset of the TIFF structure behind them. Some writers omit them."""
    end = min(box.end, source.size)
    if end - box.start <= _OFFSET:
        return None
    head = source.at(box.start, _OFFSET)
    start = box.start if head[:2] in (b"II", b"MM") else box.start + _OFFSET + int.from_bytes(head, "big")
    return read_exif(source, start, end) if start < end else None


def _header(codestream: Codestream, exif: Source | None = None, xmp: Source | None = None) -> ImageHeader:
    is_turned = codestream.orientation > 1
    metadata = header_fields(exif, xmp)
    upright = 1 if metadata.get("orientation") else None
    metadata["orientation"] = codestream.orientation if is_turned else upright
    return ImageHeader(
        format="JXL",
        width=codestream.width,
        height=codestream.height,
        **metadata,
        color_mode=_mode(codestream),
        bit_depth=codestream.bit_depth,
        has_alpha=codestream.has_alpha,
        frame_count=None if codestream.is_animated else 1,
    )


def _mode(codestream: Codestream) -> str:
    """As the Pillow plugin of libjxl opens it."""
    if codestream.is_gray and not codestream.has_alpha and codestream.bit_depth > _BYTE:
        return "F" if codestream.is_float else "I;16"
    return ("L" if codestream.is_gray else "RGB") + ("A" if codestream.has_alpha else "")
