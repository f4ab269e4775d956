"""Image sequences: what a ``moov`` box says (ISO/IEC 14496-12, clause 8; ISO/IEC 23008-12, clause 7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from image_metadata.headers.isobmff.boxes import Box, Fields, boxes, children, find
from image_metadata.headers.isobmff.coding import is_alpha
from image_metadata.headers.reader import HeaderReader

_PICTURES = (b"pict", b"vide")
_MOST_TRACKS = 64
_SAMPLE_ENTRY = 78
"""Bytes of a visual sample entry before its boxes (ISO/IEC 14496-12, 12.1.3.2)."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """The pictures of a file, shown one after the other.

    Attributes:
        codec: sample entry type (``av01``, ``hvc1``).
        width: pixels of the canvas.
        height: pixels of the same.
        frame_count: None when the samples come in fragments, which the header does not count.
        configuration: the boxes of the sample entry.
        has_alpha: whether another track holds the opacity.
    """

    codec: bytes
    width: int
    height: int
    frame_count: int | None
    configuration: list[Box]
    has_alpha: bool


def read_sequence(source: HeaderReader, moov: Box) -> Sequence | None:
    """The first track of pictures; None when there is none."""
    tracks = [box for box in islice(children(source, moov), _MOST_TRACKS) if box.kind == b"trak"]
    for track in tracks:
        if _handler(source, track) in _PICTURES and (entry := _sample_entry(source, track)):
            return Sequence(
                entry.kind,
                *_size(source, track, entry),
                _frame_count(source, track),
                list(_configuration(source, entry)),
                any(_is_alpha_track(source, other) for other in tracks),
            )
    return None


def _handler(source: HeaderReader, track: Box) -> bytes:
    """What the track is; older files say ``auxv`` only by a reference to the track that it belongs to."""
    if find(source, track, b"tref", b"auxl"):
        return b"auxv"
    handler = find(source, track, b"mdia", b"hdlr")
    return handler.content(source, 12)[8:] if handler else b""


def _sample_entry(source: HeaderReader, track: Box) -> Box | None:
    table = find(source, track, b"mdia", b"minf", b"stbl", b"stsd")
    return next(boxes(source, table.start + 8, table.end), None) if table else None


def _size(source: HeaderReader, track: Box, entry: Box) -> tuple[int, int]:
    """The track header's size, 16.16 fixed point, which is what Pillow shows; else that of the samples."""
    header = find(source, track, b"tkhd")
    if header and header.end - header.start >= 8:  # noqa: PLR2004  # its last two fields
        fields = Fields(source.at(header.end - 8, 8))
        width, height = fields.uint(4) >> 16, fields.uint(4) >> 16
        if width and height:
            return width, height
    fields = Fields(entry.content(source, _SAMPLE_ENTRY))
    fields.bytes(24)
    return fields.uint(2), fields.uint(2)


def _frame_count(source: HeaderReader, track: Box) -> int | None:
    """Samples of the track: ``stsz`` or ``stz2``, which have the count in the same place (clause 8.7.3)."""
    table = find(source, track, b"mdia", b"minf", b"stbl")
    sizes = table and next((box for box in children(source, table) if box.kind in (b"stsz", b"stz2")), None)
    if not sizes:
        return None
    fields = Fields(sizes.content(source, 12))
    fields.bytes(8)
    return fields.uint(4) or None


def _configuration(source: HeaderReader, entry: Box) -> Iterator[Box]:
    return boxes(source, entry.start + _SAMPLE_ENTRY, entry.end)


def _is_alpha_track(source: HeaderReader, track: Box) -> bool:
    """An auxiliary track is alpha unless it says that it is something else."""
    entry = _sample_entry(source, track) if _handler(source, track) == b"auxv" else None
    if entry is None:
        return False
    said = [box for box in _configuration(source, entry) if box.kind == b"auxi"]
    return all(is_alpha(source, box) for box in said)
