"""`imagectl failures` on real storage and a real database; the app is a durable API that runs nothing."""

import json

import pytest

from image_metadata.model import RejectionReason
from tests.imagectl.durable_double import DurableDouble
from tests.imagectl.stack import Stack, imagectl

FAILED = "Orchestrator function 'OrchestratorFunction' failed: "
ONLINE_AGAIN = "move the blob to an online tier, then imagectl retry"
CREATED = "2026-11-22T06:40:00Z"


def add_failure(durable: DurableDouble, name: str, code: str | None, output: str) -> None:
    status = {"step": "StoreMetadata", "blob": f"image-input%2F{name}"} | ({"code": code} if code else {})
    durable.add(name, "Failed", customStatus=status, output=f"{FAILED}{output}")


@pytest.fixture
def unhappy(stack: Stack, durable: DurableDouble) -> DurableDouble:
    """Two kinds of failures, an inaccessible blob as an earlier release reported it, a poison message, rejections."""
    for name in ("a.png", "b.png"):
        add_failure(durable, name, "retries_exhausted", "retries_exhausted: StoreMetadata failed 33 times")
    durable.add("terminated", "Terminated", createdTime="2026-11-23T06:40:00Z")
    add_failure(durable, "c.png", None, "CannotReadNow: expected to read c.png, found BlobArchived")
    durable.add("completed", "Completed")
    stack.put_poison("d.png")
    stack.reject(stack.upload("e.txt"))
    stack.reject(stack.upload("f.txt"), RejectionReason.EMPTY)
    return durable


def without_times(text: str) -> list[list[str]]:
    return [[cell for cell in line.split("\t") if "T" not in cell or ":" not in cell] for line in text.splitlines()]


def test_they_are_grouped_by_reason_with_an_example_and_the_next_move(
    unhappy: DurableDouble, capsys: pytest.CaptureFixture[str]
):
    assert imagectl("failures", "--url", unhappy.url) == 1
    output = capsys.readouterr().out
    assert f"failed\tretries_exhausted\t2\t{CREATED}\timage-input/a.png\timagectl retry\n" in output
    assert without_times(output) == [
        ["kind", "reason", "count", "since", "example", "next"],
        ["failed", "retries_exhausted", "2", "image-input/a.png", "imagectl retry"],
        ["failed", "terminated", "1", "terminated", "imagectl retry"],
        *[
            [
                "inaccessible",
                "inaccessible",
                "1",
                "image-input/c.png",
                ONLINE_AGAIN,
            ]
        ],
        ["poisoned", "not announced", "1", "image-input/d.png", "imagectl retry"],
        ["rejected", "corrupt", "1", "image-input/e.txt", "imagectl query --rejections"],
        ["rejected", "empty", "1", "image-input/f.txt", "imagectl query --rejections"],
    ]


def test_each_is_shown_with_attempts_and_detail(unhappy: DurableDouble, capsys: pytest.CaptureFixture[str]):
    assert imagectl("failures", "--each", "--output", "ndjson", "--url", unhappy.url) == 1
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert shown[0] == {
        "kind": "failed",
        "reason": "retries_exhausted",
        "blob": "image-input/a.png",
        "attempts": 33,
        "since": CREATED,
        "id": "a.png",
        "detail": "retries_exhausted: StoreMetadata failed 33 times",
    }
    assert next(each["attempts"] for each in shown if each["kind"] == "poisoned") == 5
    assert [(each["kind"], each["blob"]) for each in shown[1:]] == [
        ("failed", "image-input/b.png"),
        ("inaccessible", "image-input/c.png"),
        ("failed", "terminated"),
        ("poisoned", "image-input/d.png"),
        ("rejected", "image-input/f.txt"),
        ("rejected", "image-input/e.txt"),
    ]


def test_rejections_alone_are_results_and_exit_status_0(
    stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]
):
    stack.reject(stack.upload("e.txt"))
    assert imagectl("failures", "--url", durable.url) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.usefixtures("stack")
def test_when_nothing_failed_it_says_so(durable: DurableDouble, capsys: pytest.CaptureFixture[str]):
    assert imagectl("failures", "--url", durable.url) == 0
    assert capsys.readouterr().err == "Nothing failed, and nothing was rejected.\n"


@pytest.mark.parametrize("words", [(), ("--each",)])
def test_without_the_app_poison_messages_and_rejections_are_shown_and_the_exit_status_is_3(
    unhappy: DurableDouble, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
):
    del unhappy
    assert imagectl("failures", *words, "--url", "http://127.0.0.1:1") == 3
    output = capsys.readouterr()
    assert [line.split("\t")[0] for line in output.out.splitlines()] == ["kind", "poisoned", "rejected", "rejected"]
    assert "nothing listens there" in output.err


@pytest.mark.parametrize("words", [(), ("--each",)])
def test_without_the_database_failures_are_shown_and_the_exit_status_is_3(
    unhappy: DurableDouble,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
):
    monkeypatch.setenv("SqlConnectionString", "Driver=SQLite3;Database=/no/such/folder/images.db")
    assert imagectl("failures", *words, "--url", unhappy.url) == 3
    output = capsys.readouterr()
    assert {line.split("\t")[0] for line in output.out.splitlines()} == {"kind", "failed", "inaccessible", "poisoned"}
    assert "but there is no such file" in output.err


@pytest.mark.usefixtures("no_waiting")
def test_without_storage_failures_and_rejections_are_shown_and_the_exit_status_is_3(
    unhappy: DurableDouble, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    nowhere = "http://127.0.0.1:1/devstoreaccount1"
    account = f"AccountName=devstoreaccount1;AccountKey=a2V5;BlobEndpoint={nowhere};QueueEndpoint={nowhere}"
    monkeypatch.setenv("ImageStorage", account)
    assert imagectl("failures", "--url", unhappy.url) == 3
    output = capsys.readouterr()
    assert {line.split("\t")[0] for line in output.out.splitlines()} == {"kind", "failed", "inaccessible", "rejected"}
    assert "expected the poison queues to answer" in output.err


def test_in_a_narrow_terminal_every_example_and_next_move_is_whole(
    unhappy: DurableDouble, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "60")
    assert imagectl("failures", "--output", "table", "--url", unhappy.url) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        "kind          reason             count  example     next",
        "failed        retries_exhausted      2  a.png",
        "    imagectl retry",
        "failed        terminated             1  terminated",
    ]
    assert f"    {ONLINE_AGAIN}" in lines
