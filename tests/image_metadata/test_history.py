"""The history of completed orchestrations is purged in windows that end with the age that is kept."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from image_metadata.errors import SettingError
from image_metadata.history import purge_history

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)


class FakeHistory:
    """Deletes one orchestration a minute; a window longer than ``longest`` takes too long."""

    def __init__(self, longest: timedelta = timedelta(days=9)) -> None:
        self.longest = longest
        self.purged: list[tuple[datetime, datetime]] = []

    async def __call__(self, first: datetime, last: datetime) -> int:
        if last - first > self.longest:
            await asyncio.sleep(60)
        self.purged.append((first, last))
        return int((last - first) / timedelta(minutes=1))


def purged(history: FakeHistory, **options: timedelta) -> int:
    return asyncio.run(purge_history(history, NOW, request=timedelta(seconds=0.05), **options))


@pytest.mark.parametrize("longest", [timedelta(days=9), timedelta(hours=3), timedelta(hours=1)], ids=str)
def test_two_days_before_the_age_that_is_kept_are_purged_without_a_gap(
    longest: timedelta, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KeepHistoryDays", "7")
    history = FakeHistory(longest)
    assert purged(history) > 0
    assert history.purged[0][0] == NOW - timedelta(days=9)
    assert history.purged[-1][1] == NOW - timedelta(days=7)
    assert [last for _, last in history.purged[:-1]] == [first for first, _ in history.purged[1:]]
    assert all(last - first <= longest for first, last in history.purged)


def test_windows_that_never_succeed_end_with_the_time_limit():
    history = FakeHistory(timedelta())
    assert purged(history, duration=timedelta(seconds=0.3)) == 0


def test_zero_days_keep_everything(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KeepHistoryDays", "0")
    history = FakeHistory()
    assert (purged(history), history.purged) == (0, [])


def test_thirty_days_are_kept_by_default():
    history = FakeHistory()
    purged(history)
    assert history.purged[-1][1] == NOW - timedelta(days=30)


@pytest.mark.parametrize("value", ["-1", "a week", "1.5"])
def test_a_malformed_setting_names_itself(value: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KeepHistoryDays", value)
    with pytest.raises(SettingError, match="expected KeepHistoryDays to be a whole number of days"):
        purged(FakeHistory())
