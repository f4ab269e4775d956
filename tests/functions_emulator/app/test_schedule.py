"""NCRONTAB expressions."""

from datetime import UTC, datetime
from itertools import islice

import pytest

from functions_emulator.app.schedule import Schedule
from functions_emulator.errors import AppError

WEDNESDAY = datetime(2026, 11, 25, 18, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("0 0 3 * * *", ["2026-11-26T03:00:00+00:00", "2026-11-27T03:00:00+00:00"]),
        ("*/20 * * * * *", ["2026-11-25T18:30:20+00:00", "2026-11-25T18:30:40+00:00"]),
        ("0 30 9 * * Mon-Fri", ["2026-11-26T09:30:00+00:00", "2026-11-27T09:30:00+00:00"]),
        ("0 0 0 1 jan *", ["2027-01-01T00:00:00+00:00", "2028-01-01T00:00:00+00:00"]),
    ],
)
def test_a_schedule_names_the_times_that_follow(text: str, times: list[str]):
    assert [time.isoformat() for time in islice(Schedule.parse(text).after(WEDNESDAY), 2)] == times


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0 3 * * *", "has 5 fields; write six, beginning with the seconds"),
        ("01:00:00", "is a time span"),
        ("0 0 3 1 * Mon", "limits both kinds of days"),
        ("0 0 25 * * *", "is not an NCRONTAB expression (Bad hour)"),
        ("", "has 0 fields"),
    ],
)
def test_what_is_no_schedule_or_fires_otherwise_in_azure_is_refused(text: str, reason: str):
    with pytest.raises(AppError) as refusal:
        Schedule.parse(text)
    assert reason in str(refusal.value)
