"""CR3: an ISO base media file with TIFF structures in a box of Canon (ExifTool's documentation)."""

from collections.abc import Mapping

from image_metadata.headers.embedded.sources import Source, header_fields
from image_metadata.headers.exif.fields import read_exif, read_gps
from image_metadata.headers.exif.ifd import open_structure
from image_metadata.headers.isobmff.boxes import Box, boxes, children, first_children
from image_metadata.headers.isobmff.tracks import read_tracks, sample_size
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt, unsupported
from image_metadata.model import ImageHeader

_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_EXTENDED_TYPE = 16
_COMPRESSOR, _MAIN, _EXIF, _GPS = b"CNCV", b"CMT1", b"CMT2", b"CMT4"
_WIDTH, _HEIGHT = 0x0100, 0x0101


def read(source: HeaderReader) -> ImageHeader:
    """The main, Exif and GPS directories; the size is that of the main one, or else of the first track.

    Raises:
        HeaderRejectedError: unsupported_format for Canon's raw video, which has the same brand.
    """
    moov = next((box for box in boxes(source, 0, source.size) if box.kind == b"moov"), None)
    if moov is None:
        raise corrupt("a moov box", "none")
    parts = _canon(source, moov)
    compressor = parts.get(_COMPRESSOR)
    if compressor and compressor.content(source, 8) == b"CanonCRM":
        raise unsupported("a Canon raw video")
    main, exif = parts.get(_MAIN), parts.get(_EXIF)
    width, height = _size(source, main) or _track_size(source, moov)
    metadata = header_fields(
        read_exif(source, main.start, main.end) if main else None,
        read_exif(source, exif.start, exif.end) if exif else None,
        _place(source, parts.get(_GPS)),
    )
    return ImageHeader(format="CR3", width=width, height=height, **metadata, has_alpha=False, frame_count=1)


def _canon(source: HeaderReader, moov: Box) -> Mapping[bytes, Box]:
    """The boxes in Canon's own box, by type."""
    for box in children(source, moov):
        if box.kind == b"uuid" and box.content(source, _EXTENDED_TYPE) == _CANON:
            return first_children(source, Box(b"uuid", box.start + _EXTENDED_TYPE, box.end))
    return {}


def _size(source: HeaderReader, main: Box | None) -> tuple[int, int] | None:
    structure = open_structure(source, main.start, main.end) if main else None
    if structure is None:
        return None
    directory, _ = structure.directory(structure.first, frozenset([_WIDTH, _HEIGHT]))
    size = structure.integers(directory.get(_WIDTH)) + structure.integers(directory.get(_HEIGHT))
    return (size[0], size[1]) if len(size) == 2 and all(size) else None  # noqa: PLR2004  # both


def _track_size(source: HeaderReader, moov: Box) -> tuple[int, int]:
    entry = next((track.entry for track in read_tracks(source, moov) if track.entry), None)
    if entry is None:
        raise corrupt("the size of the full picture", "none")
    return sample_size(source, entry)


def _place(source: HeaderReader, gps: Box | None) -> Source | None:
    return read_gps(source, gps.start, gps.end) if gps else None
