"""Times are written in one form."""

from datetime import UTC, datetime, timedelta, timezone

from image_metadata.timestamps import now_text, time_as_text, utc_text


def test_a_time_is_written_in_utc_with_milliseconds_and_without_a_zone():
    berlin = timezone(timedelta(hours=1))
    assert utc_text(datetime(2026, 11, 22, 7, 28, 51, tzinfo=berlin)) == "2026-11-22T06:28:51.000"


def test_a_time_without_a_zone_is_in_utc():
    assert utc_text(datetime(2026, 11, 22, 6, 28, 51, 123_456)) == "2026-11-22T06:28:51.123"  # noqa: DTZ001  # the case


def test_now_is_between_two_looks_at_the_clock():
    before = utc_text(datetime.now(UTC))
    assert before <= now_text() <= utc_text(datetime.now(UTC))


def test_values_that_are_no_times_stay():
    assert [time_as_text(value) for value in (None, 1, "2026")] == [None, 1, "2026"]
    assert time_as_text(datetime(2026, 11, 22, tzinfo=UTC)) == "2026-11-22T00:00:00.000"
