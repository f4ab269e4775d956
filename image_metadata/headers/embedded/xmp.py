"""XMP packets (ISO 16684-1): camera, date, orientation and place from the properties of the image itself."""

import re
from collections.abc import Iterable
from contextlib import suppress
from xml.parsers import expat

from image_metadata.headers.embedded.coordinates import Coordinate, Place, place
from image_metadata.headers.embedded.sources import Camera, Rank, Source
from image_metadata.headers.embedded.text import clean
from image_metadata.headers.embedded.timestamps import Timestamp, is_blank, parse_timestamp

LONGEST_PACKET = 256 * 1024
"""Bytes of a packet that are parsed; the properties of the image stand at its beginning."""

MOST_ELEMENTS = 10_000
_DEEPEST, _DEEPEST_RDF = 50, 2
_LONGEST_VALUE = 1024

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_EXIF, _EXIF_2 = "http://ns.adobe.com/exif/1.0/", "http://cipa.jp/exif/1.0/"
_TIFF, _XMP = "http://ns.adobe.com/tiff/1.0/", "http://ns.adobe.com/xap/1.0/"
_AUX, _PHOTOSHOP = "http://ns.adobe.com/exif/1.0/aux/", "http://ns.adobe.com/photoshop/1.0/"
_MICROSOFT = "http://ns.microsoft.com/photo/1.0/"

_ORIGINAL = (_EXIF + "DateTimeOriginal", _PHOTOSHOP + "DateCreated")
_DIGITIZED = (_XMP + "CreateDate", _EXIF + "DateTimeDigitized")
_LENS = (_EXIF_2 + "LensModel", _AUX + "Lens", _MICROSOFT + "LensModel")
_MAKE, _MODEL, _ORIENTATION = (_TIFF + name for name in ("Make", "Model", "Orientation"))
_LATITUDE, _LONGITUDE = _EXIF + "GPSLatitude", _EXIF + "GPSLongitude"
_WANTED = frozenset([*_ORIGINAL, *_DIGITIZED, *_LENS, _MAKE, _MODEL, _ORIENTATION, _LATITUDE, _LONGITUDE])

_PROPERTIES = {
    "orientation": (_ORIENTATION,),
    "original": (*_ORIGINAL, *_DIGITIZED),
    "camera": (_MAKE, _MODEL),
    "lens_model": _LENS,
    "place": (_LATITUDE,),
}
"""By field of `Source`, the properties that it is read from."""

# Their names without the namespace: a packet without any of them need not be parsed.
_NAMES = {
    field: tuple(name.rpartition("/")[2].encode() for name in properties) for field, properties in _PROPERTIES.items()
}

_ORIENTATIONS = re.compile("[1-8]")
_PADDING = b" \t\r\n"


class _Properties:
    """Handlers that collect the wanted properties of the ``rdf:Description`` elements directly under ``rdf:RDF``.

    Those deeper down are of other images: ingredients, versions, thumbnails.
    """

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self._elements = 0
        self._path: list[str] = []
        self._property: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self._path.append(name)
        if self._elements > MOST_ELEMENTS or len(self._path) > _DEEPEST:
            raise expat.ExpatError(f"expected at most {MOST_ELEMENTS} elements and {_DEEPEST} levels, found more")
        if self._is_in_rdf(1):
            for attribute in attributes.keys() & _WANTED:
                self.values.setdefault(attribute, attributes[attribute][:_LONGEST_VALUE])
        is_property = name in _WANTED and self._is_in_rdf(2)
        self._property = name if is_property and name not in self.values else None

    def _is_in_rdf(self, levels: int) -> bool:
        """Whether the element is that many levels below ``rdf:RDF``, which is the root or in ``x:xmpmeta``."""
        above = self._path[: len(self._path) - levels]
        return above[-1:] == [_RDF + "RDF"] and len(above) <= _DEEPEST_RDF

    def text(self, data: str) -> None:
        if self._property:
            self.values[self._property] = (self.values.get(self._property, "") + data)[:_LONGEST_VALUE]

    def end(self, _name: str) -> None:
        self._path.pop()
        self._property = None

    def refuse(self, *_: object) -> None:
        """XMP has no document type, and without one there are no entities to expand."""
        raise expat.ExpatError("expected a packet without a document type, found one")


def may_contain(packet: bytes, wanted: Iterable[str]) -> bool:
    """Whether the packet may contain one of these fields of `Source`: to search for names takes far less than to parse.

    A NUL is a sign of UTF-16 or UTF-32; in every other encoding that expat reads, the names are ASCII.
    """
    return b"\0" in packet or any(name in packet for field in wanted for name in _NAMES[field])


def read_xmp(packet: bytes) -> Source:
    """What the packet says; of a damaged one the properties before the damage."""
    values = _properties(packet[:LONGEST_PACKET])
    orientation = values.get(_ORIENTATION, "").strip()
    dates = [values[name] for name in (*_ORIGINAL, *_DIGITIZED) if name in values]
    return Source(
        rank=Rank.XMP,
        orientation=int(orientation) if _ORIENTATIONS.fullmatch(orientation) else None,
        original=_first_date(values, _ORIGINAL),
        digitized=_first_date(values, _DIGITIZED),
        has_camera_date=any(not is_blank(date) for date in dates),
        camera=Camera(clean(values.get(_MAKE, "")), clean(values.get(_MODEL, ""))),
        lens_model=next((lens for name in _LENS if (lens := clean(values.get(name, "")))), None),
        place=_place(values),
    )


def _properties(packet: bytes) -> dict[str, str]:
    properties = _Properties()
    # Names are a namespace followed by a local name.
    parser = expat.ParserCreate(namespace_separator="")
    parser.buffer_text = True
    parser.StartElementHandler = properties.start
    parser.CharacterDataHandler = properties.text
    parser.EndElementHandler = properties.end
    parser.StartDoctypeDeclHandler = properties.refuse
    parser.EntityDeclHandler = properties.refuse
    # Not sound XML to its end, or in an encoding that does not exist.
    with suppress(expat.ExpatError, LookupError, ValueError):
        parser.Parse(packet.strip(_PADDING), True)  # the C function takes no keywords
    return properties.values


def _first_date(values: dict[str, str], names: tuple[str, ...]) -> Timestamp | None:
    return next((date for name in names if (date := parse_timestamp(values.get(name, "")))), None)


def _place(values: dict[str, str]) -> Place | None:
    if _LATITUDE not in values or _LONGITUDE not in values:
        return None
    return place(Coordinate.from_text(values[_LATITUDE]), Coordinate.from_text(values[_LONGITUDE]))
