"""Dates in another spelling than EXIF's and XMP's: cut, padded, in the order of a locale, with names of months."""

# ruff: noqa: PLR2004 - the numbers of a clock are those of every clock

import re
from datetime import date
from typing import NamedTuple

_MONTHS = {"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8}
_MONTHS |= {"september": 9, "sept": 9, "october": 10, "november": 11, "december": 12}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()}
_MONTH = f"(?:{'|'.join(sorted(_MONTHS, reverse=True))})"

# Each pattern ends in front of the time of day.
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?:\s*[:/.-]\s*|\s+)(?P<month>\d{1,2})(?:\s*[:/.-]\s*|\s+)(?P<day>\d{1,2})(?:[\s,:_-]|[Tt](?=\d|$)|$)+"
)
_DIGITS_ONLY = re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:[\s,:_-]|[Tt](?=\d))*(?=\d{6}|\d{1,2}:|$)")
_YEAR_LAST = re.compile(r"(?P<one>\d{1,2})(?P<mark>[/.-])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4})(?:[\s,T]|$)+")
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
    r"(?P<after>[ap](?:\.?m)?\b\.?|[^\W\da-z]{2})?\s*",
    re.IGNORECASE,
)
# Some phones write them in the language of their user.
_HALF_DAYS = {"am": 0, "a": 0, "pm": 12, "p": 12, "上午": 0, "下午": 12, "午前": 0, "午後": 12, "오전": 0, "오후": 12}
_ZONE = re.compile(
    r"(?:UTC|GMT)?\s*(?:(?P<sign>[+\u2212-])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>[0-5]\d))?(?::?00)?)?|Z",
    re.IGNORECASE,
)
_ZONE_NAME = re.compile(r"[A-Z]{3,5}")
_TRAILING_YEAR = re.compile(r"(?:^|\s)(\d{4})$")
_FARTHEST_OFFSET = 14 * 60
_FILLING = "\0\xff\ufffd \t\r\n"


class ParsedDate(NamedTuple):
    """What a text says.

    Attributes:
        day: ``2024-05-06``.
        clock: ``07:08:09``; None where the text has no readable time.
        fraction: digits of a second; empty where the text has none.
        zone: ``+02:00``; empty where the text gives none, or none with a single offset.
    """

    day: str
    clock: str | None = None
    fraction: str = ""
    zone: str = ""


def read_date(text: str) -> ParsedDate | None:
    """The day and the time that a text means; None for no date, or an ambiguous one."""
    match = _match_date(text)
    if match is None:
        return None
    time = _TIME.match(text, match.end())
    year, rest = _year(match, text[time.end() :] if time else "")
    days = {day for month_and_day in _days(match) if (day := _day(year, *month_and_day))}
    if len(days) != 1:
        return None
    (day,) = days
    zone = read_zone(rest)
    clock = _time_of_day(time, is_cut=_is_cut(text, time)) if time and zone is not None else None
    if time is None or zone is None or clock is None:
        return ParsedDate(day)
    return ParsedDate(day, clock, time["fraction"] or "", zone)


def read_zone(text: str) -> str | None:
    """``+02:00``; empty where the text gives no zone, or none with a single offset; None where it is something else."""
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


def _match_date(text: str) -> re.Match[str] | None:
    matches = (pattern.match(text) for pattern in (_YEAR_FIRST, _DIGITS_ONLY, _YEAR_LAST, _NAMED_MONTH))
    return next((match for match in matches if match), None)


def _year(match: re.Match[str], rest: str) -> tuple[int, str]:
    """The year, and what follows the time; in ``Thu May 6 07:08:09 2021`` this is the year."""
    trailing = None if match["year"] else _TRAILING_YEAR.search(rest)
    if trailing is None:
        return int(match["year"] or 0), rest
    return int(trailing[1]), rest[: trailing.start()]


def _days(match: re.Match[str]) -> list[tuple[int, int]]:
    """Month and day, in every order in which they can be meant: ``25/12/2021`` is a date in one of the two only."""
    if match.re is _YEAR_LAST:
        one, two = int(match["one"]), int(match["two"])
        return [(one, two), (two, one)]
    if match.re is _NAMED_MONTH:
        return [(_MONTHS[(match["name"] or match["name2"]).lower()], int(match["day"] or match["day2"]))]
    return [(int(match["month"]), int(match["day"]))]


def _is_cut(text: str, time: re.Match[str]) -> bool:
    """Whether the text ends within a number: it has one digit, and all others have more."""
    *numbers, last = re.findall(r"\s?\d+", text)
    return time.end() == len(text) and len(last) == 1 and all(len(number.strip()) > 1 for number in numbers)


def _time_of_day(time: re.Match[str], *, is_cut: bool) -> str | None:
    numbers = [time[name] or time[f"{name}2"] or time[f"{name}3"] for name in ("hour", "minute", "second")]
    if is_cut and not time["fraction"]:
        numbers[2 if numbers[2] else 1] = None
    if numbers[1] is None:
        return None
    hour, minute, second = int(numbers[0]), int(numbers[1]), int(numbers[2] or 0)
    marks = f"{time['before'] or ''}{time['after'] or ''}"
    hour_of_day = _hour_of_half_day(hour, marks) if marks else 0 if hour == 24 else hour
    second = 59 if second == 60 else second
    if hour_of_day is None or hour_of_day >= 24 or minute >= 60 or second >= 60:
        return None
    return f"{hour_of_day:02}:{minute:02}:{second:02}"


def _hour_of_half_day(hour: int, mark: str) -> int | None:
    """``14:15 PM`` and ``00:15 AM`` are redundant; ``14:15 AM`` and ``00:15 PM`` contradict themselves."""
    first = _HALF_DAYS.get(mark.replace(".", "").lower())
    if first is None or hour >= 24:
        return None
    if 1 <= hour <= 12:
        return hour % 12 + first
    return hour if first <= hour < first + 12 else None


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
