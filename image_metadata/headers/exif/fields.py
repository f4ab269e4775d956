"""EXIF: what the camera says about the photo (CIPA DC-008)."""

import re

from image_metadata.headers.embedded.coordinates import Coordinate, Place, place
from image_metadata.headers.embedded.sources import Camera, Rank, Source
from image_metadata.headers.embedded.text import READ, clean, decode
from image_metadata.headers.embedded.timestamps import Timestamp, is_blank, parse_timestamp
from image_metadata.headers.exif.ifd import Directory, TiffStructure, open_structure
from image_metadata.headers.reader import HeaderReader, in_memory

_ORIENTATION, MAKE, _MODEL, _LENS_MODEL = 0x0112, 0x010F, 0x0110, 0xA434
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
# Date, its fraction of a second and its offset.
_ORIGINAL, _DIGITIZED, _MODIFIED = (0x9003, 0x9291, 0x9011), (0x9004, 0x9292, 0x9012), (0x0132, 0x9290, 0x9010)

MAIN_TAGS = frozenset([_ORIENTATION, MAKE, _MODEL, _LENS_MODEL, EXIF_IFD, GPS_IFD, *_ORIGINAL, *_DIGITIZED, *_MODIFIED])
"""What ``exif_source`` looks for in the main directory."""

_CAMERA_DATES = (_ORIGINAL[0], _DIGITIZED[0])
_EXIF_TAGS = MAIN_TAGS - {_ORIENTATION, EXIF_IFD, GPS_IFD}
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE = range(1, 5)
_GPS_TAGS = frozenset([_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE])

_ORIENTATIONS = range(1, 9)
# The last byte should be NUL, and is something else from some writers.
_PREFIX = re.compile(rb"Exif\0.", re.DOTALL)
_PREFIX_LENGTH = 6


def read_exif(source: HeaderReader, start: int, end: int) -> Source:
    """Read the TIFF structure at ``start``, not looking past ``end``; a leading ``Exif`` identifier is skipped.

    Damaged EXIF never rejects an image: what cannot be read is None. Only an exceeded budget raises.
    """
    if end - start > _PREFIX_LENGTH and _PREFIX.match(source.at(start, _PREFIX_LENGTH)):
        start += _PREFIX_LENGTH
    structure = open_structure(source, start, end)
    if structure is None:
        return Source(rank=Rank.EXIF)
    return exif_source(structure, structure.directory(structure.first, MAIN_TAGS)[0])


def read_exif_bytes(block: bytes) -> Source:
    """The same for a block that is already in memory."""
    return read_exif(in_memory(block), 0, len(block))


def read_gps(source: HeaderReader, start: int, end: int) -> Source:
    """The place in a TIFF structure whose main directory is a GPS directory."""
    structure = open_structure(source, start, end)
    if structure is None:
        return Source(rank=Rank.EXIF)
    return Source(rank=Rank.EXIF, place=_place(structure, structure.directory(structure.first, _GPS_TAGS)[0]))


def exif_source(structure: TiffStructure, main: Directory) -> Source:
    """What the main directory of the structure says, and the Exif and GPS directories that it names."""
    exif = _linked(structure, main, EXIF_IFD, _EXIF_TAGS)
    texts = _Texts(structure, main, exif)
    orientation = structure.integers(main.get(_ORIENTATION))
    original, digitized = texts.timestamp(*_ORIGINAL), texts.timestamp(*_DIGITIZED)
    has_camera_date = bool(original or digitized) or texts.has_camera_date()
    return Source(
        rank=Rank.EXIF,
        orientation=orientation[0] if orientation and orientation[0] in _ORIENTATIONS else None,
        original=original,
        digitized=digitized,
        modified=None if has_camera_date else texts.timestamp(*_MODIFIED),
        has_camera_date=has_camera_date,
        camera=Camera(texts.of_main(MAKE), texts.of_main(_MODEL)),
        lens_model=texts.of_exif(_LENS_MODEL),
        place=_place(structure, _linked(structure, main, GPS_IFD, _GPS_TAGS)),
    )


class _Texts:
    """The texts of the main and the Exif directory: some writers put a tag into the wrong one, or leave it blank."""

    def __init__(self, structure: TiffStructure, main: Directory, exif: Directory) -> None:
        self._structure = structure
        self._main = main
        self._exif = exif

    def of_main(self, tag: int) -> str | None:
        """The text under a tag that belongs into the main directory."""
        return _text(self._structure, self._main, tag) or _text(self._structure, self._exif, tag) or None

    def of_exif(self, tag: int) -> str | None:
        """The text under a tag that belongs into the Exif directory."""
        return _text(self._structure, self._exif, tag) or _text(self._structure, self._main, tag) or None

    def timestamp(self, date_tag: int, subseconds_tag: int, offset_tag: int) -> Timestamp | None:
        for directory in (self._exif, self._main):
            if date := _text(self._structure, directory, date_tag):
                subseconds, offset = self.of_exif(subseconds_tag) or "", self.of_exif(offset_tag) or ""
                if timestamp := parse_timestamp(date, subseconds, offset):
                    return timestamp
        return None

    def has_camera_date(self) -> bool:
        """Whether there is an original or digitized date, if only an unreadable one."""
        dates = [
            _text(self._structure, directory, tag) for directory in (self._exif, self._main) for tag in _CAMERA_DATES
        ]
        return not all(is_blank(date) for date in dates)


def _linked(structure: TiffStructure, main: Directory, tag: int, wanted: frozenset[int]) -> Directory:
    offset = structure.integers(main.get(tag))
    return structure.directory(offset[0], wanted)[0] if offset else {}


def _place(structure: TiffStructure, gps: Directory) -> Place | None:
    if _LATITUDE not in gps or _LONGITUDE not in gps:
        return None
    latitude = _coordinate(structure, gps, _LATITUDE, _LATITUDE_REF)
    return place(latitude, _coordinate(structure, gps, _LONGITUDE, _LONGITUDE_REF))


def _coordinate(structure: TiffStructure, gps: Directory, tag: int, reference_tag: int) -> Coordinate:
    """Rationals by the specification, and by some writers numbers of another type or a text."""
    reference = _text(structure, gps, reference_tag)
    numbers = structure.numbers(gps.get(tag), 3)
    return Coordinate(numbers, reference) if numbers else Coordinate.from_text(_text(structure, gps, tag), reference)


def _text(structure: TiffStructure, directory: Directory, tag: int) -> str:
    entry = directory.get(tag)
    return (clean(decode(structure.ascii(entry, READ))) or "") if entry else ""
