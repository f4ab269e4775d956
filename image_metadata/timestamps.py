"""Times as text, in the one form that payloads, tables and messages use: ISO 8601 in UTC with milliseconds, no zone."""

from datetime import UTC, datetime
from typing import Any


def utc_text(moment: datetime) -> str:
    """``2026-11-22T06:28:51.000``; a time without a zone is in UTC already."""
    if moment.tzinfo:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds")


def now_text() -> str:
    return utc_text(datetime.now(UTC))


def time_as_text(value: Any) -> Any:
    """A time that a driver returned as text; any other value unchanged (SQLite returns times as text)."""
    return utc_text(value) if isinstance(value, datetime) else value
