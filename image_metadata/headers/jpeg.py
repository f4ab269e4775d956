"""JPEG: segments up to the start of frame (ITU-T T.81 annex B; EXIF in APP1: CIPA DC-008 section 4.7).

MPO is a JPEG with further pictures after it, and is read as the JPEG that it starts with.
"""

# ruff: noqa: PLR2004 - the numbers of a header are those of its specification

import struct
from dataclasses import asdict

from image_metadata.headers.embedded.sources import Source, merge
from image_metadata.headers.exif.fields import read_exif
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt, too_large
from image_metadata.model import ImageHeader

_MODES = {1: "L", 3: "RGB", 4: "CMYK"}
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN, _APP1, _APP2, _APP11 = 0xDA, 0xE1, 0xE2, 0xEB
# No length follows these: stuffing, TEM, restarts, start and end of image, fill bytes.
_BARE = frozenset([0x00, 0x01, *range(0xD0, 0xDA), 0xFF])
_BASELINE_DEPTH = 8
_MOST_STEPS = 100_000
_MOST_JUNK, _STRETCH = 64 * 1024, 4 * 1024

_segment = struct.Struct(">BBH").unpack
_frame = struct.Struct(">BHHB").unpack


def read(source: HeaderReader) -> ImageHeader:
    """Follow the segments up to the frame; what decoders step over (fill bytes, junk between segments) is, too."""
    exif = None
    offset = 2
    for _ in range(_MOST_STEPS):
        prefix, marker, length = _segment(source.at(offset, 4))
        if prefix != 0xFF:
            offset = _after_junk(source, offset)
        elif marker in _FRAMES:
            return _header(source, offset + 4, exif)
        elif marker in _BARE:
            offset += 1 if marker == 0xFF else 2
        elif marker == _SCAN:
            raise corrupt("a start of frame", f"image data at offset {offset}")
        else:
            if marker == _APP1 and exif is None and source.at(offset + 4, 6) == b"Exif\0\0":
                exif = read_exif(source, offset + 10, offset + 2 + length)
            offset = _after_segment(source, offset, marker, length)
    raise too_large(f"a start of frame within {_MOST_STEPS} markers")


def _header(source: HeaderReader, offset: int, exif: Source | None) -> ImageHeader:
    depth, height, width, layers = _frame(source.at(offset, 6))
    mode = _MODES.get(layers) if depth == _BASELINE_DEPTH else None
    return ImageHeader(
        format="JPEG",
        width=width,
        height=height,
        **asdict(merge(exif)),
        color_mode=mode,
        bit_depth=depth,
        has_alpha=False,
    )


def _after_junk(source: HeaderReader, offset: int) -> int:
    for start in range(offset, min(offset + _MOST_JUNK, source.size), _STRETCH):
        found = source.at(start, min(_STRETCH, source.size - start)).find(b"\xff")
        if found >= 0:
            return start + found
    raise corrupt(f"a JPEG marker at offset {offset}", "none near it")


def _after_segment(source: HeaderReader, offset: int, marker: int, length: int) -> int:
    """The next segment, or the end of the run of segments that a large profile was cut into.

    A segment holds less than 64 KiB: to hop through a profile of 500 KB would take eight requests.
    """
    # A length below 2, which cannot count itself, is taken as 2: so do libjpeg and Pillow.
    following = offset + 2 + max(length, 2)
    if marker not in _RUNS:
        return following
    end = _RUNS[marker](source.at(offset + 4, min(following - offset - 4, _LONGEST_RUN_HEAD)), offset, length - 2)
    goes_on = following < end <= source.size - 4 and _segment(source.at(end, 4))[:2] >= (0xFF, 0xC0)
    return end if goes_on else following


def _run_end(offset: int, left: int, held: int, overhead: int) -> int:
    """Where a run ends that starts at ``offset``: ``left`` bytes, ``held`` a segment, which costs ``overhead`` more."""
    return offset + left + -(-left // held) * overhead if held > 0 else 0


def _profile_end(head: bytes, offset: int, length: int) -> int:
    """ICC.1 annex B.4: identifier, number of this segment, number of all, then the profile, its size first."""
    if not head.startswith(b"ICC_PROFILE\0\1") or len(head) < 18:
        return 0
    size = int.from_bytes(head[14:18], "big")
    return _run_end(offset, size, length - 14, 18) if -(-size // (length - 14)) == head[13] else 0


def _xmp_end(head: bytes, offset: int, length: int) -> int:
    """XMP part 3, section 1.1.3.1: identifier, 32 digits, size of all, offset of this part."""
    if not head.startswith(b"http://ns.adobe.com/xmp/extension/\0") or len(head) < 75:
        return 0
    size, done = struct.unpack_from(">II", head, 67)
    return _run_end(offset, size - done, length - 75, 79)


def _box_end(head: bytes, offset: int, length: int) -> int:
    """ISO/IEC 19566-5 annex D (JUMBF, C2PA): ``JP``, instance, packet number, repeated box header, part of the box."""
    if head[:2] != b"JP" or len(head) < 16:
        return 0
    packet, size = struct.unpack_from(">II", head, 4)
    return _run_end(offset, size - 8, length - 16, 20) if packet == 1 else 0


_RUNS = {_APP1: _xmp_end, _APP2: _profile_end, _APP11: _box_end}
_LONGEST_RUN_HEAD = 75
