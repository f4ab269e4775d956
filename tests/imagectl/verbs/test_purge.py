"""`imagectl purge` on a durable API with small pages."""

from datetime import UTC, datetime, timedelta

import pytest

from imagectl.errors import UsageError
from imagectl.verbs import purge
from tests.imagectl.durable_double import DurableDouble
from tests.imagectl.stack import imagectl


def ago(**age: int) -> str:
    return (datetime.now(UTC) - timedelta(**age)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def history(durable: DurableDouble):
    for status in ("Completed", "Failed", "Terminated", "Running"):
        durable.add(f"old-{status}", status, createdTime=ago(days=31))
        durable.add(f"new-{status}", status, createdTime=ago(days=29))
    return durable


def test_only_completed_ones_older_than_that_are_purged(history: DurableDouble):
    before = set(history.instances)
    imagectl("purge", "--older-than", "30d", "--url", history.url)
    assert before - set(history.instances) == {"old-Completed"}


def test_failed_ones_are_purged_only_when_asked_for(history: DurableDouble):
    before = set(history.instances)
    imagectl("purge", "--older-than", "30d", "--failed", "--url", history.url)
    assert before - set(history.instances) == {"old-Completed", "old-Failed", "old-Terminated"}


def test_it_says_how_many_and_finds_none_the_second_time(history: DurableDouble, capsys: pytest.CaptureFixture[str]):
    for _ in range(2):
        assert imagectl("purge", "--older-than", "1s", "--yes", "--url", history.url) == 0
    assert capsys.readouterr().out == "purged\n2\npurged\n0\n"


def test_a_dry_run_shows_what_would_go_and_deletes_nothing(history: DurableDouble, capsys: pytest.CaptureFixture[str]):
    before = dict(history.instances)
    created = {name: instance["createdTime"] for name, instance in before.items()}
    imagectl("purge", "--older-than", "30d", "--failed", "--dry-run", "--url", history.url)
    assert capsys.readouterr().out == (
        "status\tcreated\tblob\n"
        f"Completed\t{created['old-Completed']}\told-Completed\n"
        f"Failed\t{created['old-Failed']}\told-Failed\n"
        f"Terminated\t{created['old-Terminated']}\told-Terminated\n"
    )
    assert history.instances == before


def test_a_dry_run_counts_what_would_go_also_when_that_is_nothing(
    durable: DurableDouble, capsys: pytest.CaptureFixture[str]
):
    assert imagectl("purge", "--older-than", "30d", "--dry-run", "--url", durable.url) == 0
    assert capsys.readouterr().err == "0 histories would be purged.\n"


@pytest.mark.parametrize("age", ["0s", "59m"])
def test_what_has_just_ended_is_purged_only_with_yes(history: DurableDouble, age: str):
    before = dict(history.instances)
    with pytest.raises(UsageError, match="expected --older-than of at least 1h"):
        imagectl("purge", "--older-than", age, "--url", history.url)
    assert history.instances == before


def test_a_long_history_is_purged_in_slices_over_every_page(durable: DurableDouble, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(purge, "_SLICE", 3)
    deleted: list[int] = []
    select = durable.select
    durable.select = lambda query: deleted.append(len(found := select(query))) or found
    for number in range(20):
        durable.add(f"id-{number}", "Completed", createdTime=ago(minutes=61 + number))
    imagectl("purge", "--older-than", "1h", "--url", durable.url)
    assert durable.instances == {}
    assert deleted[-7:] == [3, 3, 3, 3, 3, 3, 2]


@pytest.mark.parametrize("age", ["30", "d", "-1d", "1w", "30 d", "", "100000d"])
def test_a_malformed_age_is_a_usage_error(age: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        imagectl("purge", f"--older-than={age}")
    assert "expected a duration like 30d, 12h, 5m or 90s" in capsys.readouterr().err
