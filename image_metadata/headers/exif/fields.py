"""EXIF: what the camera says about the picture (CIPA DC-008)."""

import re
from datetime import datetime

from image_metadata.headers.exif.ifd import Directory, Field, TiffStructure, open_structure
from image_metadata.headers.reader import HeaderReader
from image_metadata.model import EmbeddedMetadata

_ORIENTATION, _MAKE, _MODEL, _LENS_MODEL = 0x0112, 0x010F, 0x0110, 0xA434
_EXIF_DIRECTORY, _GPS_DIRECTORY = 0x8769, 0x8825
# Date, its fraction of a second and its offset; the moment of the shutter first, the last change of the file last.
_TAKEN_BY_PRIORITY = ((0x9003, 0x9291, 0x9011), (0x9004, 0x9292, 0x9012), (0x0132, 0x9290, 0x9010))

MAIN_TAGS = frozenset([_ORIENTATION, _MAKE, _MODEL, _LENS_MODEL, _EXIF_DIRECTORY, _GPS_DIRECTORY]).union(
    *_TAKEN_BY_PRIORITY
)
"""What ``exif_fields`` looks for in the main directory."""

_CAMERA_TAGS = frozenset([_MAKE, _MODEL, _LENS_MODEL]).union(*_TAKEN_BY_PRIORITY)
_GPS_TAGS = frozenset([1, 2, 3, 4])

_ORIENTATIONS = range(1, 9)
_LONGEST_TEXT = 80
_DATE = re.compile(r"(\d{4})[:/.-](\d\d)[:/.-](\d\d)[ T](\d\d):(\d\d):(\d\d)", re.ASCII)
_OFFSET = re.compile(r"[+-](0\d|1[0-4]):[0-5]\d")
_DIGITS = re.compile(r"[0-9]+")
_PREFIX = b"Exif\0\0"


NO_METADATA = EmbeddedMetadata()


def read_exif(source: HeaderReader, start: int, end: int) -> EmbeddedMetadata:
    """Read the TIFF structure at ``start``, not looking past ``end``; a leading ``Exif`` and two NULs are skipped.

    Broken EXIF never spoils an image: what cannot be read is None. Only the budget raises.
    """
    if end - start > len(_PREFIX) and source.at(start, len(_PREFIX)) == _PREFIX:
        start += len(_PREFIX)
    structure = open_structure(source, start, end)
    return exif_fields(structure, structure.directory(structure.first, MAIN_TAGS)[0]) if structure else NO_METADATA


def read_exif_bytes(blob: bytes) -> EmbeddedMetadata:
    """The same for a blob that is already in memory."""
    return read_exif(HeaderReader(lambda _, __: b"", len(blob), first=blob), 0, len(blob))


def exif_fields(structure: TiffStructure, main: Directory) -> EmbeddedMetadata:
    """The fields in the main directory of the structure and in the EXIF and GPS directories that it names."""
    camera = _linked(structure, main, _EXIF_DIRECTORY, _CAMERA_TAGS)
    orientation = structure.whole_numbers(main.get(_ORIENTATION))
    taken_at, offset = _taken(structure, {**main, **camera})
    latitude, longitude = _location(structure, main)
    return EmbeddedMetadata(
        orientation=orientation[0] if orientation and orientation[0] in _ORIENTATIONS else None,
        taken_at=taken_at,
        taken_at_offset=offset,
        camera_make=_text(structure, main.get(_MAKE) or camera.get(_MAKE)),
        camera_model=_text(structure, main.get(_MODEL) or camera.get(_MODEL)),
        lens_model=_text(structure, camera.get(_LENS_MODEL) or main.get(_LENS_MODEL)),
        latitude=latitude,
        longitude=longitude,
    )


def _linked(structure: TiffStructure, main: Directory, tag: int, wanted: frozenset[int]) -> Directory:
    offset = structure.whole_numbers(main.get(tag))
    return structure.directory(offset[0], wanted)[0] if offset else {}


def _text(structure: TiffStructure, field: Field | None) -> str | None:
    """At most 80 printable characters: UTF-8 where it is that, else Latin-1; cut at the first NUL."""
    if field is None:
        return None
    raw = structure.characters(field, 4 * _LONGEST_TEXT).split(b"\0", 1)[0]
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return text.strip()[:_LONGEST_TEXT].rstrip() or None


def _taken(structure: TiffStructure, fields: Directory) -> tuple[str, str | None] | tuple[None, None]:
    for date_tag, fraction_tag, offset_tag in _TAKEN_BY_PRIORITY:
        second = _second(_text(structure, fields.get(date_tag)) or "")
        if second:
            fraction = _DIGITS.match(_text(structure, fields.get(fraction_tag)) or "")
            milliseconds = (fraction.group() if fraction else "").ljust(3, "0")[:3]
            return f"{second}.{milliseconds}", _offset(_text(structure, fields.get(offset_tag)) or "")
    return None, None


def _second(text: str) -> str | None:
    found = _DATE.match(text)
    second = "{}-{}-{}T{}:{}:{}".format(*found.groups()) if found else ""
    try:
        datetime.fromisoformat(second)
    except ValueError:
        return None
    return second


def _offset(text: str) -> str | None:
    if text == "Z":
        return "+00:00"
    return text if _OFFSET.fullmatch(text) else None


def _location(structure: TiffStructure, main: Directory) -> tuple[float, float] | tuple[None, None]:
    gps = _linked(structure, main, _GPS_DIRECTORY, _GPS_TAGS)
    latitude = _degrees(structure, gps, 1, {b"N": 1, b"S": -1}, 90)
    longitude = _degrees(structure, gps, 3, {b"E": 1, b"W": -1}, 180)
    return (None, None) if latitude is None or longitude is None else (latitude, longitude)


def _degrees(structure: TiffStructure, gps: Directory, tag: int, signs: dict[bytes, int], most: int) -> float | None:
    """Degrees, minutes and seconds under ``tag`` + 1, the hemisphere under ``tag``; None when not a place on Earth."""
    if tag not in gps:
        return None
    sign = signs.get(structure.characters(gps[tag], 1).upper())
    parts = structure.fractions(gps.get(tag + 1), 3)
    value = sum(part / 60**power for power, part in enumerate(parts))
    return sign * value if sign and parts and 0 <= value <= most else None
