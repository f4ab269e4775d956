"""Image sequences: what a ``moov`` box says (ISO/IEC 14496-12, clause 8; ISO/IEC 23008-12, clause 7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from image_metadata.headers.isobmff.boxes import Box, Fields, boxes, children, first_children
from image_metadata.headers.isobmff.coding import is_alpha
from image_metadata.headers.reader import HeaderReader

_PICTURES = (b"pict", b"vide")
_MOST_TRACKS = 64
_SAMPLE_ENTRY = 78
"""Bytes of a visual sample entry before its boxes (ISO/IEC 14496-12, 12.1.3.2)."""


@dataclass(frozen=True, slots=True)
class ImageSequence:
    """The images of a file that are shown one after the other.

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


@dataclass(frozen=True, slots=True)
class Track:
    """One ``trak`` box, which is walked once.

    Attributes:
        header: ``tkhd``.
        handler: what the track is (clause 8.4.3): ``pict``, ``vide``, ``auxv``.
        table: the first box of each type in the sample table ``stbl``.
        entry: the first sample entry.
    """

    header: Box | None
    handler: bytes
    table: Mapping[bytes, Box]
    entry: Box | None


def read_sequence(source: HeaderReader, moov: Box) -> ImageSequence | None:
    """The first track of images; None when there is none."""
    tracks = read_tracks(source, moov)
    for track in tracks:
        if track.handler in _PICTURES and track.entry:
            return ImageSequence(
                track.entry.kind,
                *_size(source, track, track.entry),
                _frame_count(source, track),
                _configuration(source, track.entry),
                any(_is_alpha_track(source, other) for other in tracks),
            )
    return None


def read_tracks(source: HeaderReader, moov: Box) -> list[Track]:
    """The first 64 tracks."""
    traks = (box for box in children(source, moov) if box.kind == b"trak")
    return [_track(source, trak) for trak in islice(traks, _MOST_TRACKS)]


def _track(source: HeaderReader, trak: Box) -> Track:
    parts = first_children(source, trak)
    media = first_children(source, parts.get(b"mdia"))
    table = first_children(source, first_children(source, media.get(b"minf")).get(b"stbl"))
    description = table.get(b"stsd")
    entry = next(boxes(source, description.start + 8, description.end), None) if description else None
    return Track(parts.get(b"tkhd"), _handler(source, parts, media), table, entry)


def _handler(source: HeaderReader, parts: Mapping[bytes, Box], media: Mapping[bytes, Box]) -> bytes:
    """Older files say ``auxv`` only by a reference to the track that this one belongs to."""
    if b"auxl" in first_children(source, parts.get(b"tref")):
        return b"auxv"
    handler = media.get(b"hdlr")
    return handler.content(source, 12)[8:] if handler else b""


def _size(source: HeaderReader, track: Track, entry: Box) -> tuple[int, int]:
    """The track header's size, 16.16 fixed point, which is what Pillow shows; else that of the samples."""
    header = track.header
    if header and header.end - header.start >= 8:  # noqa: PLR2004  # its last two fields
        fields = Fields(source.at(header.end - 8, 8))
        width, height = fields.uint(4) >> 16, fields.uint(4) >> 16
        if width and height:
            return width, height
    return sample_size(source, entry)


def sample_size(source: HeaderReader, entry: Box) -> tuple[int, int]:
    """Width and height of a visual sample entry."""
    fields = Fields(entry.content(source, _SAMPLE_ENTRY))
    fields.bytes(24)
    return fields.uint(2), fields.uint(2)


def _frame_count(source: HeaderReader, track: Track) -> int | None:
    """Samples of the track: ``stsz`` or ``stz2``, which have the count in the same field (clause 8.7.3)."""
    sizes = track.table.get(b"stsz") or track.table.get(b"stz2")
    if not sizes:
        return None
    fields = Fields(sizes.content(source, 12))
    fields.bytes(8)
    return fields.uint(4) or None


def _configuration(source: HeaderReader, entry: Box) -> list[Box]:
    return list(boxes(source, entry.start + _SAMPLE_ENTRY, entry.end))


def _is_alpha_track(source: HeaderReader, track: Track) -> bool:
    """An auxiliary track is alpha unless it says that it is something else."""
    if track.handler != b"auxv" or track.entry is None:
        return False
    types = [box for box in _configuration(source, track.entry) if box.kind == b"auxi"]
    return all(is_alpha(source, box) for box in types)
