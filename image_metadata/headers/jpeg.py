"""JPEG: segments up to the start of frame (ITU-T T.81 annex B; EXIF in APP1: CIPA DC-008 section 4.7).

MPO is a JPEG followed by further images, and is read as its first one.
"""

# ruff: noqa: PLR2004 - the numbers of a header are those of its specification

import struct

from image_metadata.headers.embedded.sources import header_fields
from image_metadata.headers.jpeg_metadata import METADATA_MARKERS, SegmentMetadata
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt, too_large, unsupported
from image_metadata.model import ImageHeader

_MODES = {1: "L", 3: "RGB", 4: "CMYK"}
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN, _END, _HIERARCHY, _JPEG_LS = 0xDA, 0xD9, 0xDE, 0xF7
_APP1, _APP2, _APP11 = 0xE1, 0xE2, 0xEB
_FILL = 0xFF
# No length follows these: stuffing, TEM, restarts, start and end of image.
_BARE = frozenset([0x00, 0x01, *range(0xD0, 0xDA)])
_BASELINE_DEPTH = 8
MOST_MARKERS = 10_000
"""Markers and stretches of junk in front of the frame."""

_MOST_JUNK, _STRETCH = 64 * 1024, 4 * 1024
_CHEAP = 64 * 1024
_FRAME_AND_TABLES = 1024

_segment, _segment_from = struct.Struct(">BBH").unpack, struct.Struct(">BBH").unpack_from
_frame = struct.Struct(">BHHB").unpack


def read(source: HeaderReader) -> ImageHeader:
    """Follow the segments up to the frame, and without a camera date on to the scan as far as no request is needed.

    What decoders step over (fill bytes, junk between segments) is stepped over here, too.
    """
    metadata = SegmentMetadata(source)
    offset = _find_frame(source, metadata)
    _, marker, length = _segment(source.at(offset, 4))
    depth, height, width, components = _frame(source.at(offset + 4, 6))
    if not metadata.has_camera_date:
        _walk_to_scan(source, offset + 2 + length, metadata)
    return ImageHeader(
        format="JPEG",
        width=width,
        height=height,
        color_mode=_MODES.get(components) if depth == _BASELINE_DEPTH and marker != _HIERARCHY else None,
        bit_depth=depth,
        has_alpha=False,
        **header_fields(*metadata.sources()),
    )


def _find_frame(source: HeaderReader, metadata: SegmentMetadata) -> int:
    """Where the frame header stands: SOF, or DHP, which has the size of the whole hierarchy of frames (annex J)."""
    offset = 2
    for _ in range(MOST_MARKERS):
        prefix, marker, length = _marker(source, offset)
        if prefix != 0xFF:
            offset = _after_junk(source, offset)
        elif marker in _FRAMES or marker == _HIERARCHY:
            return offset
        elif marker == _FILL:
            offset = _after_fill(source, offset)
        elif marker in _BARE:
            offset += 2
        elif marker == _SCAN:
            raise corrupt("a start of frame", f"image data at offset {offset}")
        elif marker == _JPEG_LS:
            raise unsupported("a JPEG-LS image")
        else:
            following = _after_segment(source, offset, marker, length)
            if following + 4 > len(source.first):
                _continue_reading(source, following)
            if marker in METADATA_MARKERS:
                metadata.add(marker, offset + 4, offset + 2 + length)
            offset = following
    raise too_large(f"a start of frame within {MOST_MARKERS} markers")


def _marker(source: HeaderReader, offset: int) -> tuple[int, int, int]:
    """Prefix, marker, and the length of the segment where the marker has one."""
    if offset + 4 <= len(source.first):
        prefix, marker, length = _segment_from(source.first, offset)
    else:
        prefix, marker, length = _segment(source.at(offset, 4, _cheap(source)))
    return prefix, marker, length


def _walk_to_scan(source: HeaderReader, offset: int, metadata: SegmentMetadata) -> None:
    for _ in range(MOST_MARKERS):
        if not source.holds(offset, 4):
            return
        prefix, marker, length = _marker(source, offset)
        if prefix != 0xFF or marker in (_SCAN, _END):
            return
        if marker == _FILL:
            offset += 1
        elif marker in _BARE:
            offset += 2
        else:
            if marker in METADATA_MARKERS and source.holds(offset, 2 + length):
                metadata.add(marker, offset + 4, offset + 2 + length)
            offset += 2 + max(length, 2)


def _continue_reading(source: HeaderReader, end: int) -> None:
    """Where the first read ends within a segment, fetch what follows it, if that reaches behind the segment."""
    held = len(source.first)
    if end >= source.size or source.holds(end, 4):
        return
    ahead = _cheap(source) - (end - held)
    if ahead > _FRAME_AND_TABLES:
        source.at(held, max(1, end - held), ahead)


def _cheap(source: HeaderReader) -> int:
    """Bytes that a request may bring ahead: two requests fetch 64 KiB, and what comes later is a jump."""
    return max(0, _CHEAP - 4 - source.fetched)


def _after_junk(source: HeaderReader, offset: int) -> int:
    for start in range(offset, min(offset + _MOST_JUNK, source.size), _STRETCH):
        position = source.at(start, min(_STRETCH, source.size - start)).find(b"\xff")
        if position >= 0:
            return start + position
    raise corrupt(f"a JPEG marker at offset {offset}", "none near it")


def _after_fill(source: HeaderReader, offset: int) -> int:
    """The last of the fill bytes, which is the prefix of a marker; steps over at most a stretch of them at once."""
    data = source.at(offset, min(_STRETCH, source.size - offset))
    return offset + len(data) - len(data.lstrip(b"\xff")) - 1


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


def _run_end(offset: int, size: int, per_segment: int, overhead: int) -> int:
    """The end of a run at ``offset``: ``size`` bytes, ``per_segment`` in each, plus ``overhead`` for each segment."""
    return offset + size + -(-size // per_segment) * overhead if per_segment > 0 else 0


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


def _app1_end(head: bytes, offset: int, length: int) -> int:
    return _flir_end(head, offset, length) or _xmp_end(head, offset, length)


def _flir_end(head: bytes, offset: int, length: int) -> int:
    """The last segment of a thermal image of FLIR's: identifier, version, number of this segment and of the last."""
    if not head.startswith(b"FLIR\0\1") or len(head) < 8:
        return 0
    return offset + (head[7] - head[6]) * (length + 4)


_RUNS = {_APP1: _app1_end, _APP2: _profile_end, _APP11: _box_end}
_LONGEST_RUN_HEAD = 75
