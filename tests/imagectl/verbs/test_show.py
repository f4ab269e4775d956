"""`imagectl show` on real storage and a real database; the app is a durable API that runs nothing."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from image_metadata.storage import blobs
from tests.imagectl.durable_double import DurableDouble
from tests.imagectl.stack import ACCOUNT, Stack, imagectl
from tests.support.blob_service import answering
from tests.support.databases import Database
from tests.support.image_rows import add_image

REASON = "retries_exhausted: the database refuses"
NAME = "2026/a b.png"
AGAIN = "run imagectl show again when storage, database and app can be asked"


@pytest.fixture
def show(durable: DurableDouble, capsys: pytest.CaptureFixture[str]):
    """Run it; exit status, and what and detail of each record."""

    def run(name: str = NAME, **options: str) -> tuple[int, list[tuple[str, str]]]:
        url = options.get("url", durable.url)
        exit_status = imagectl("show", name, "--output", "json", "--url", url)
        return exit_status, [(each["what"], each["detail"]) for each in json.loads(capsys.readouterr().out)]

    return run


def ago(minutes: int) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def events(*kinds: str) -> list[dict[str, Any]]:
    return [{"EventType": kind, "FunctionName": "StoreMetadata"} for kind in kinds]


def test_states_rows_and_orchestrations_of_a_blob_are_shown(stack: Stack, durable: DurableDouble, show):
    first = stack.upload(NAME)
    stack.reject(first)
    second = stack.upload(NAME, b"other bytes")
    add_image(
        Database(stack.sql), NAME, upload_id=second.id, blob_id=second.blob_id, stored_at="2099-01-01T00:00:00.000"
    )
    custom_status = {"step": "StoreMetadata", "blob": "x"}
    history = events("TaskCompleted")
    durable.add(second.id, "Completed", createdTime=ago(5), customStatus=custom_status, historyEvents=history)
    assert show() == (
        0,
        [
            ("blob", "11 bytes, application/octet-stream, Hot tier"),
            ("row", "PNG 40 x 30, 2.0 KB"),
            ("rejection", "corrupt: for the test"),
            ("orchestration", "Completed, 1 attempt of StoreMetadata, started 5m ago"),
            ("next", "nothing to do: the present state has its row"),
        ],
    )


def test_a_failure_is_shown_with_its_reason_attempts_and_next_move(stack: Stack, durable: DurableDouble, show):
    durable.add(
        stack.upload(NAME).id,
        "Failed",
        createdTime=ago(125),
        customStatus={"step": "StoreMetadata", "blob": "x", "code": "retries_exhausted"},
        output="Orchestrator function 'OrchestratorFunction' failed: " + REASON,
        historyEvents=events("TaskFailed", "TimerFired", "TaskFailed"),
    )
    stack.put_poison(NAME)
    stack.put_poison("another.png")
    assert show() == (
        1,
        [
            ("blob", "5 bytes, application/octet-stream, Hot tier"),
            (
                "orchestration",
                f"Failed (retries_exhausted), 2 attempts of StoreMetadata, started 2h ago; {REASON}",
            ),
            ("poison message", "the trigger failed 5 times on its event"),
            ("next", "imagectl retry"),
        ],
    )


def test_what_is_under_way_needs_nothing(stack: Stack, durable: DurableDouble, show):
    durable.add(stack.upload(NAME).id, "Running", createdTime=ago(1))
    exit_status, records = show()
    assert (exit_status, records[1:]) == (
        0,
        [
            ("orchestration", "Running, not begun, started 1m ago"),
            ("next", "nothing to do: it is under way, and retried by itself"),
        ],
    )


def test_an_unprocessed_blob_is_backfilled(stack: Stack, show):
    stack.upload(NAME)
    assert show(f"image-input/{NAME}")[1][-1] == ("next", f"imagectl backfill --prefix '{NAME}'")


def test_an_archived_blob_is_moved_first(stack: Stack, show):
    stack.upload(NAME)
    stack.container.get_blob_client(NAME).set_standard_blob_tier("Archive")
    assert show()[1][-1] == ("next", "move the blob out of the archive tier, then imagectl retry or imagectl backfill")


@pytest.mark.usefixtures("stack")
def test_an_unknown_name_is_reported(show):
    assert show("none.png") == (
        1,
        [("blob", "does not exist"), ("next", "check the name: there is no such blob, and no row of one")],
    )


def test_without_the_app_the_rest_is_shown_and_the_exit_status_is_3(stack: Stack, show):
    stack.reject(stack.upload(NAME))
    exit_status, records = show(url="http://127.0.0.1:1")
    assert (exit_status, [what for what, _ in records]) == (3, ["blob", "rejection", "not asked", "next"])
    assert records[-1][1] == "nothing to do: the present state has its row"


def test_without_the_database_the_rest_is_shown_and_the_exit_status_is_3(
    stack: Stack, durable: DurableDouble, show, monkeypatch: pytest.MonkeyPatch
):
    durable.add(stack.upload(NAME).id, "Failed", createdTime=ago(1))
    monkeypatch.setenv("SqlConnectionString", "Driver=SQLite3;Database=/no/such/folder/images.db")
    exit_status, records = show()
    assert (exit_status, [what for what, _ in records]) == (3, ["blob", "orchestration", "not asked", "next"])
    assert records[-1][1] == AGAIN


def test_without_storage_the_rest_is_shown_and_the_exit_status_is_3(
    stack: Stack, show, monkeypatch: pytest.MonkeyPatch
):
    stack.reject(stack.upload(NAME))
    monkeypatch.setenv("ImageStorage", f"AccountName={ACCOUNT};AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/x")
    blobs.service.cache_clear()
    exit_status, records = show()
    assert (exit_status, [what for what, _ in records]) == (3, ["rejection", "not asked", "next"])
    assert records[-1][1] == AGAIN


@pytest.mark.usefixtures("stack")
def test_a_blob_with_a_customer_provided_key_is_uploaded_again(show, monkeypatch: pytest.MonkeyPatch):
    with answering(409, {"x-ms-error-code": "BlobUsesCustomerSpecifiedEncryption"}) as account:
        # The queues are not what this server plays, so the exit status says that they could not be asked.
        queues = account.partition("BlobEndpoint=")[2]
        monkeypatch.setenv("ImageStorage", f"{account};QueueEndpoint={queues}")
        blobs.service.cache_clear()
        exit_status, records = show("a.png")
    assert (exit_status, records[0]) == (3, ("blob", "encrypted with a customer-provided key"))
    assert records[-1] == ("next", "upload it again without a customer-provided key")


def test_a_directory_is_no_blob(stack: Stack, show):
    stack.container.upload_blob("2026", b"", metadata={"hdi_isfolder": "true"})
    assert show("2026")[1] == [
        ("blob", "does not exist"),
        ("next", "check the name: there is no such blob, and no row of one"),
    ]


def test_in_a_narrow_terminal_what_does_not_fit_beside_the_rest_stands_below_it_in_full(
    stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "60")
    stack.reject(stack.upload(NAME))
    imagectl("show", NAME, "--output", "table", "--url", durable.url)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == ["next", "    nothing to do: the present state has its row"]
    assert lines[-3].startswith("rejection  20")
    assert lines[-3].endswith("  corrupt: for the test")
    assert max(map(len, lines)) <= 60
