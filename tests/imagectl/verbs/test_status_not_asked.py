"""What `imagectl status` says of places that cannot be asked."""

import json
import re

import pytest

from image_metadata import settings
from tests.imagectl.durable_double import DurableDouble
from tests.imagectl.stack import Stack, imagectl
from tests.imagectl.status import Status, ago

pytestmark = pytest.mark.usefixtures("stack")


def test_a_place_that_cannot_be_asked_is_named_and_the_others_are_shown(
    stack: Stack, status: Status, monkeypatch: pytest.MonkeyPatch
):
    stack.reject(stack.upload("a.txt"))
    exit_status, report = status("--url", "http://127.0.0.1:1")
    assert (exit_status, report["blobs"], report["rejections"]) == (3, 1, {"corrupt": 1})
    assert "nothing listens there" in report["not_asked"][0]
    monkeypatch.setenv("SqlConnectionString", "Driver=SQLite3;Database=/no/such/folder/images.db")
    exit_status, report = status()
    assert (exit_status, report["running"], len(report["not_asked"])) == (3, 0, 1)


def test_what_only_the_app_knows_is_null_while_it_cannot_be_asked(stack: Stack, status: Status):
    stack.upload("perhaps under way.png")
    report = status("--url", "http://127.0.0.1:1")[1]
    known = {"blobs": 1, "rows": 0, "rejections": {}, "poison": 0, "waiting_events": 0, "reconciliation": None}
    assert {name for name, value in report.items() if value is None} == {
        *("running", "oldest", "stuck", "failed", "failed_by_code"),
        *("inaccessible", "new", "queued", "unprocessed", "examples", "reconciliation"),
    }
    assert {name: report[name] for name in known} == known


def test_a_listing_that_breaks_off_is_no_count(durable: DurableDouble, status: Status):
    durable.add("id", "Running", createdTime=ago(minutes=1))
    durable.faults = [None, 401]
    assert status()[1]["running"] is None


def test_without_any_setting_every_count_is_empty_and_says_that_nothing_was_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    for name in ("ImageStorage", "SqlConnectionString"):
        monkeypatch.delenv(name)
    assert imagectl("status", "--url", "http://127.0.0.1:1") == 3
    _, *lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    counts = [line for line in lines if line[0] != "not asked"]
    assert len(counts) == 11
    assert {(count, note) for _, count, note in counts} == {("", "not asked")}


def test_in_a_narrow_terminal_why_a_place_was_not_asked_is_whole(
    stack: Stack, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    del stack
    imagectl("status", "--output", "json", "--url", "http://127.0.0.1:1")
    (sentence,) = json.loads(capsys.readouterr().out)["not_asked"]
    monkeypatch.setenv("COLUMNS", "60")
    imagectl("status", "--output", "table", "--url", "http://127.0.0.1:1")
    table = capsys.readouterr().out
    assert sentence in " ".join(table.split())
    assert max(map(len, table.splitlines())) <= 60


def test_what_waits_in_queues_that_cannot_be_asked_is_not_called_missed(
    stack: Stack, status: Status, monkeypatch: pytest.MonkeyPatch
):
    stack.upload("perhaps announced.png")
    endpoint = r"(QueueEndpoint=http://127\.0\.0\.1:)\d+"
    monkeypatch.setenv("ImageStorage", re.sub(endpoint, r"\g<1>1", str(settings.image_storage().connection_string)))
    exit_status, report = status()
    assert (exit_status, report["blobs"], report["new"]) == (3, 1, 0)
    assert {report[name] for name in ("poison", "waiting_events", "queued", "unprocessed")} == {None}
