"""Dates as cameras and editors write them: what has exactly one meaning is understood, everything else is not.

EXIF writes ``2024:05:06 07:08:09`` (CIPA DC-008, 4.6.6.6), XMP ISO 8601, IPTC ``20240506`` and ``070809+0200``, PNG
text RFC 1123. In the wild any of them turns up in any of the places, cut, padded, and with a locale's additions.
"""

import re
from datetime import datetime
from typing import NamedTuple


class Timestamp(NamedTuple):
    """A moment on the camera's clock, or a day of which the time is not readable.

    Attributes:
        local: ISO 8601 local time with milliseconds; only ``2024-05-06`` for a day.
        offset: the clock's offset from UTC (``+02:00``); None where it is not known.
    """

    local: str
    offset: str | None

    @property
    def is_day(self) -> bool:
        return len(self.local) == len("2024-05-06")


# The spellings of EXIF and XMP, which almost every camera and editor keeps to; `date_formats` has the others.
_SPECIFIED = re.compile(
    r"(?:\d{4}:\d\d:\d\d |\d{4}-\d\d-\d\dT)(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
    r"(?:\.(?P<fraction>\d+))?(?P<zone>Z|[+-]\d\d:[0-5]\d)?",
    re.ASCII,
)
_OFFSET = re.compile(r"(?:\+0\d|-0[1-9]|[+-]1[0-3]):[0-5]\d", re.ASCII)
_NEVER_SET = re.compile(r"000[01]\D.*|[^1-9A-Za-z]*", re.DOTALL)
_SUBSECONDS = re.compile(r"\s*\.?(\d+)")
# No date is longer, and the patterns take time that grows faster than the text.
_LONGEST = 100
_FILLING = "\0\xff\ufffd \t\r\n"


def is_blank(text: str) -> bool:
    """Whether a date was never filled in: blanks, zeros, punctuation, year 0 or 1."""
    return _NEVER_SET.fullmatch(text) is not None


def parse_timestamp(text: str, subseconds: str = "", offset: str = "") -> Timestamp | None:
    """The moment that a text means, or the day if there is no readable time; None for no date, or an ambiguous one.

    A fraction and a zone within the text come before ``subseconds`` and ``offset``, which stand in fields of their own.
    Hour 24 is hour 0 of the same day, as phones whose clock runs from 1 to 24 write it; second 60 becomes 59.
    """
    text = text.strip(_FILLING)[:_LONGEST]
    if not text:
        return None
    if match := _SPECIFIED.fullmatch(text):
        local = f"{text[:4]}-{text[5:7]}-{text[8:10]}T{text[11:19]}"
        known_offset = parse_offset(match["zone"] or "") or parse_offset(offset)
        return _timestamp(local, match["fraction"] or _digits(subseconds), known_offset) if _exists(local) else None
    # Imported here: almost no camera needs its patterns, whose compilation takes as long as a dozen headers.
    from image_metadata.headers.embedded.date_formats import read_date  # noqa: PLC0415  # see above

    date = read_date(text)
    if date is None:
        return None
    if date.clock is None:
        return Timestamp(date.day, None)
    return _timestamp(
        f"{date.day}T{date.clock}", date.fraction or _digits(subseconds), date.zone or parse_offset(offset)
    )


def parse_offset(text: str) -> str | None:
    """An offset from UTC (``+02:00``, ``-0300``, ``+2``, ``Z``) as ``+02:00``; None for any other text."""
    if not text or _OFFSET.fullmatch(text):
        return text or None
    from image_metadata.headers.embedded.date_formats import read_zone  # noqa: PLC0415  # as above

    return read_zone(text) or None


def _timestamp(local: str, fraction: str, offset: str | None) -> Timestamp:
    return Timestamp(f"{local}.{fraction.ljust(3, '0')[:3]}", offset)


def _exists(local: str) -> bool:
    try:
        datetime.fromisoformat(local)
    except ValueError:
        return False
    return True


def _digits(text: str) -> str:
    if not text or text.isdecimal():
        return text
    match = _SUBSECONDS.match(text)
    return match[1] if match else ""
