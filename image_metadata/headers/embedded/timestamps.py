"""Dates as cameras and editors write them: what has exactly one meaning is understood, everything else is not.

EXIF writes ``2024:05:06 07:08:09`` (CIPA DC-008, 4.6.6.6), XMP ISO 8601, IPTC ``20240506`` and ``070809+0200``, PNG
text RFC 1123. In the wild any of them turns up in any of the places, cut, padded, and with a locale's additions.
"""

# ruff: noqa: PLR2004 - the numbers of a clock are those of every clock

import re
from datetime import datetime
from typing import NamedTuple


class Timestamp(NamedTuple):
    """A moment on the camera's clock: ISO 8601 local time with milliseconds, and the clock's offset where known."""

    local: str
    offset: str | None


_MONTHS = {"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8}
_MONTHS |= {"september": 9, "sept": 9, "october": 10, "november": 11, "december": 12}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()}
_MONTH = f"(?:{'|'.join(sorted(_MONTHS, reverse=True))})"

# Each pattern ends in front of the time of day.
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?:\s*[:/.-]\s*|\s+)(?P<month>\d{1,2})(?:\s*[:/.-]\s*|\s+)(?P<day>\d{1,2})(?:[\s,:_-]|T(?=\d))+"
)
_DIGITS_ONLY = re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:[\s,:_-]|T(?=\d))*(?=\d)")
_YEAR_LAST = re.compile(r"(?P<one>\d{1,2})(?P<mark>[/.-])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4})[\s,T]+")
_NAMED_MONTH = re.compile(
    rf"(?:[a-z]{{2,9}}[.,]?\s+)??(?:(?P<day>\d{{1,2}})[\s.-]+(?P<name>{_MONTH})|(?P<name2>{_MONTH})\.?\s+(?P<day2>\d{{1,2}}))"
    r"[.,]?(?:[\s-]+(?P<year>\d{4}),?)?\s+",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(?P<before>[^\W\d]{2})?\s*"
    r"(?:(?P<hour>\d{1,2})\s*:\s*(?P<minute>\d{1,2})(?:\s*:\s*(?P<second>\d{1,2}))?"
    r"|(?P<hour2>\d{1,2})(?P<mark>[ .-])(?P<minute2>\d\d)(?P=mark)(?P<second2>\d\d)"
    r"|(?P<hour3>\d\d)(?P<minute3>\d\d)(?P<second3>\d\d))"
    r"(?!\d)(?:[.,](?P<fraction>\d+))?[:.]?\s*"
    r"(?P<after>[ap]\.?m\b\.?|[^\W\da-z]{2})?\s*",
    re.IGNORECASE,
)
# Some phones write them in the language of their user.
_HALF_DAYS = {"am": 0, "pm": 12, "上午": 0, "下午": 12, "午前": 0, "午後": 12, "오전": 0, "오후": 12}
_ZONE = re.compile(
    r"(?:UTC|GMT)?\s*(?:(?P<sign>[+\u2212-])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>[0-5]\d))?(?::?00)?)?|Z",
    re.IGNORECASE,
)
_ZONE_NAME = re.compile(r"[A-Z]{3,5}")
_TRAILING_YEAR = re.compile(r"(?:^|\s)(\d{4})$")
_FARTHEST_OFFSET = 14 * 60
_NEVER_SET = re.compile(r"0000\D.*|[^1-9A-Za-z]*", re.DOTALL)
_SUBSECONDS = re.compile(r"\s*\.?(\d+)")
_FILLING = "\0\xff\ufffd \t\r\n"


def is_blank(text: str) -> bool:
    """Whether a date was never filled in: blanks, zeros, punctuation, year zero."""
    return _NEVER_SET.fullmatch(text) is not None


def parse_timestamp(text: str, subseconds: str = "", offset: str = "") -> Timestamp | None:
    """The moment that a text means; None when it is no date with a time of day, or could mean several.

    A fraction and a zone within the text come before ``subseconds`` and ``offset``, which stand in fields of their own.
    Hour 24 is hour 0 of the same day, as phones whose clock runs from 1 to 24 write it; second 60 becomes 59.
    """
    text = text.strip(_FILLING)
    date = _match_date(text)
    time = _TIME.match(text, date.end()) if date else None
    if date is None or time is None:
        return None
    year, rest = _year(date, text[time.end() :])
    clock, zone = _time_of_day(time, is_cut=_is_cut(text, time)), _zone(rest)
    if clock is None or zone is None:
        return None
    moments = {moment for day in _days(date) if (moment := _moment(year, *day, *clock))}
    if len(moments) != 1:
        return None
    fraction = time["fraction"] or _digits(subseconds)
    return Timestamp(f"{moments.pop().isoformat()}.{fraction.ljust(3, '0')[:3]}", zone or parse_offset(offset))


def parse_offset(text: str) -> str | None:
    """An offset from UTC (``+02:00``, ``-0300``, ``+2``, ``Z``) as ``+02:00``; None when the text is none."""
    return _zone(text.strip(_FILLING)) or None


def _match_date(text: str) -> re.Match[str] | None:
    matches = (pattern.match(text) for pattern in (_YEAR_FIRST, _DIGITS_ONLY, _YEAR_LAST, _NAMED_MONTH))
    return next((match for match in matches if match), None)


def _year(date: re.Match[str], rest: str) -> tuple[int, str]:
    """The year, and what follows the time; in ``Thu May 6 07:08:09 2021`` this is the year."""
    trailing = None if date["year"] else _TRAILING_YEAR.search(rest)
    if trailing is None:
        return int(date["year"] or 0), rest
    return int(trailing[1]), rest[: trailing.start()]


def _days(date: re.Match[str]) -> list[tuple[int, int]]:
    """Month and day, in every order in which they can be meant: ``25/12/2021`` is a date in one of the two only."""
    if date.re is _YEAR_LAST:
        one, two = int(date["one"]), int(date["two"])
        return [(one, two), (two, one)]
    if date.re is _NAMED_MONTH:
        return [(_MONTHS[(date["name"] or date["name2"]).lower()], int(date["day"] or date["day2"]))]
    return [(int(date["month"]), int(date["day"]))]


def _is_cut(text: str, time: re.Match[str]) -> bool:
    """Whether the text ends within a number: one digit, where all others have two."""
    *numbers, last = re.findall(r"\s?\d+", text)
    return time.end() == len(text) and len(last) == 1 and all(len(number.strip()) > 1 for number in numbers)


def _time_of_day(time: re.Match[str], *, is_cut: bool) -> tuple[int, int, int] | None:
    numbers = [time[name] or time[f"{name}2"] or time[f"{name}3"] for name in ("hour", "minute", "second")]
    if is_cut and not time["fraction"]:
        numbers[2 if numbers[2] else 1] = None
    if numbers[1] is None:
        return None
    hour, minute, second = int(numbers[0]), int(numbers[1]), int(numbers[2] or 0)
    if time["before"] or time["after"]:
        half_day = _HALF_DAYS.get("".join((time["before"] or "", time["after"] or "")).replace(".", "").lower())
        if half_day is None or not 0 <= hour < 24:
            return None
        return _on_24_hours(hour, half_day, minute, second)
    return 0 if hour == 24 else hour, minute, 59 if second == 60 else second


def _on_24_hours(hour: int, half_day: int, minute: int, second: int) -> tuple[int, int, int] | None:
    """``14:15 PM`` and ``00:15 AM`` say it twice; ``14:15 AM`` and ``00:15 PM`` contradict themselves."""
    if 1 <= hour <= 12:
        return hour % 12 + half_day, minute, second
    return (hour, minute, second) if (hour >= 12) == bool(half_day) else None


def _zone(text: str) -> str | None:
    """``+02:00``; empty where the text names no zone of one offset, None where it is something else altogether."""
    text = text.strip(_FILLING)
    match = _ZONE.fullmatch(text)
    # A name such as CST stands for several offsets.
    if not text or (match is None and (_ZONE_NAME.fullmatch(text) or not any(char.isalnum() for char in text))):
        return ""
    if match is None:
        return None
    minutes = int(match["hours"] or 0) * 60 + int(match["minutes"] or 0)
    if minutes > _FARTHEST_OFFSET:
        return ""
    sign = "+" if match["sign"] in (None, "+") or not minutes else "-"
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"


def _moment(*numbers: int) -> datetime | None:
    try:
        return datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001  # six numbers; the clock has no zone
    except ValueError:
        return None


def _digits(text: str) -> str:
    match = _SUBSECONDS.match(text)
    return match[1] if match else ""
