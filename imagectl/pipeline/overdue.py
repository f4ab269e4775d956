"""Whether the app still compares the container with the tables on its schedule."""

from datetime import datetime, timedelta
from itertools import islice

from functions_emulator.app.schedule import Schedule

_GRACE = timedelta(minutes=30)
"""A run takes some minutes, and is recorded at its end."""

_MISSED = 2


def overdue(schedule: str, last: datetime, now: datetime) -> str | None:
    """One sentence when two scheduled runs have passed since the last one ended, else None.

    Args:
        schedule: NCRONTAB expression of six fields, as in the setting ReconcileSchedule.
        last: when the last run ended, or when the first could have begun; UTC.
        now: UTC.

    Raises:
        AppError: the schedule is not one.
    """
    due = list(islice(Schedule.parse(schedule).after(last), _MISSED))
    if len(due) < _MISSED or due[-1] + _GRACE > now:
        return None
    return (
        f"expected a reconciliation by {due[0]:%Y-%m-%d %H:%M} UTC, but {_MISSED} scheduled runs have passed without "
        "one; check that the app runs and ReconcileTimer is enabled"
    )
