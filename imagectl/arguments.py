"""Types of command-line arguments that more than one verb takes."""

import argparse
import re
from datetime import UTC, datetime, timedelta

from functions_emulator import ports

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def port_number(text: str) -> int:
    """A TCP port from 1 to 65535."""
    return ports.port_number(text, first=1)


def positive(text: str) -> int:
    """A positive integer."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"expected a positive integer, found {text!r}")
    return int(text)


def duration(text: str) -> timedelta:
    """``30d``, ``12h``, ``5m`` or ``90s``."""
    match = re.fullmatch(r"(\d{1,5})([dhms])", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"expected a duration like 30d, 12h, 5m or 90s, found {text!r}")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def moment(text: str) -> datetime | timedelta:
    """``2026-11-22``, ``2026-11-22T06:30``, or how long ago: ``2d``."""
    if re.fullmatch(r"\d{1,5}[dhms]", text):
        return duration(text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected a time like 2026-11-22, 2026-11-22T06:30 or 2d, found {text!r}"
        ) from None
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
