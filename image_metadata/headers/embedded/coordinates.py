"""Latitude and longitude as EXIF and XMP write them: numbers of any type, with a reference or a sign."""

import re
from collections.abc import Sequence
from typing import NamedTuple

Place = tuple[float, float]
"""Decimal degrees, WGS 84: latitude, north positive; longitude, east positive."""

_SIGNS = {"N": 1, "S": -1, "E": 1, "W": -1}
_LATITUDE, _LONGITUDE = ("NS", 90), ("EW", 180)
# Not compiled at import: EXIF has numbers, and `re` keeps what it compiled.
_NUMBER = r"(-?)(\d{1,12}(?:\.\d{0,20})?)(?:/(\d{1,12}))?"
_REFERENCE = r"(?<![A-Za-z])[NSEW](?:orth|outh|ast|est)?(?![A-Za-z])"


class Coordinate(NamedTuple):
    """A latitude or a longitude.

    Attributes:
        parts: degrees, minutes and seconds, or fewer of them with a fraction; a sign of one is the sign of all.
        reference: ``N``, ``S``, ``E`` or ``W``; empty where the file gives none.
    """

    parts: Sequence[float]
    reference: str

    @classmethod
    def from_text(cls, text: str, reference: str = "") -> "Coordinate":
        """From ``38,1.5S``, ``38/1 1/1 31/1`` or ``-38.025``; ``reference`` wins over one in the text."""
        numbers = [_number(*match.groups()) for match in re.finditer(_NUMBER, text)]
        letter = re.search(_REFERENCE, text, re.IGNORECASE)
        # ``38,0253`` has a decimal comma, and is not 253 minutes.
        is_sexagesimal = all(abs(number) <= 60 for number in numbers[1:])  # noqa: PLR2004  # minutes, seconds
        return cls(numbers if is_sexagesimal else (), reference or (letter[0] if letter else ""))

    @property
    def is_negative(self) -> bool:
        return any(part < 0 for part in self.parts)


def place(latitude: Coordinate, longitude: Coordinate) -> Place | None:
    """The place; None unless both coordinates are valid and their hemispheres are known.

    A reference gives the hemisphere, and a sign beside it is ignored, as in ExifTool. Without references the signs give
    it if one of the two is negative: two positive numbers without references could lie in any quarter of the globe.
    """
    signed = not latitude.reference and not longitude.reference and (latitude.is_negative or longitude.is_negative)
    degrees = _degrees(latitude, *_LATITUDE, signed=signed), _degrees(longitude, *_LONGITUDE, signed=signed)
    return None if degrees[0] is None or degrees[1] is None else (degrees[0], degrees[1])


def _degrees(coordinate: Coordinate, references: str, largest: int, *, signed: bool) -> float | None:
    value = sum(abs(part) / 60**power for power, part in enumerate(coordinate.parts[:3]))
    letter = coordinate.reference[:1].upper()
    sign = (-1 if coordinate.is_negative else 1) if signed else _SIGNS[letter] if letter and letter in references else 0
    return sign * value if sign and coordinate.parts and 0 <= value <= largest else None


def _number(sign: str, digits: str, denominator: str | None) -> float:
    value = float(digits) / (float(denominator) or float("nan")) if denominator else float(digits)
    return -value if sign else value
