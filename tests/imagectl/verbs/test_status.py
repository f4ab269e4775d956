"""`imagectl status` on real storage and a real database; the app is a durable API that runs nothing."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from image_metadata.database.connections import connect
from image_metadata.intake import EVENT_QUEUE
from image_metadata.model import BlobFacts, Rejection, RejectionReason
from image_metadata.store_metadata import store
from image_metadata.timestamps import utc_text
from imagectl.pipeline.queue_client import queue_service
from tests.imagectl.durable_double import DurableDouble
from tests.imagectl.stack import ACCOUNT, Stack, imagectl
from tests.imagectl.status import Status, ago

FAILURE = "Orchestrator function 'OrchestratorFunction' failed: "
pytestmark = pytest.mark.usefixtures("stack")


def at_step(step: str, code: str = "") -> dict[str, Any]:
    status = {"step": step, "blob": "image-input%2Fa.png"}
    return {"customStatus": status | ({"code": code} if code else {})}


def test_when_all_is_stored_the_exit_status_is_0(stack: Stack, status: Status):
    stack.reject(stack.upload("a.txt"))
    stack.reject(stack.upload("b.txt"), RejectionReason.EMPTY)
    exit_status, report = status()
    assert exit_status == 0
    assert (report["blobs"], report["rows"], report["rejections"]) == (2, 0, {"corrupt": 1, "empty": 1})


def test_an_unprocessed_image_is_named_and_the_exit_status_is_1(stack: Stack, status: Status):
    stack.upload("a\nb.png")
    exit_status, report = status()
    assert (exit_status, report["unprocessed"], report["examples"]) == (1, 1, ["image-input/a%0Ab.png"])


def test_an_image_that_is_under_way_is_not_unprocessed(stack: Stack, durable: DurableDouble, status: Status):
    durable.add(stack.upload("a.png").id, "Running", createdTime=ago(minutes=1))
    exit_status, report = status()
    assert (exit_status, report["running"], report["unprocessed"]) == (0, 1, 0)


def test_a_new_image_may_still_be_announced(stack: Stack, status: Status):
    stack.upload("a.png")
    exit_status, report = status("--grace", "10m")
    assert (exit_status, report["new"], report["unprocessed"]) == (0, 1, 0)


@pytest.mark.parametrize("ended", ["Failed", "Terminated", "Canceled"])
def test_a_failure_is_exit_status_1(durable: DurableDouble, status: Status, ended: str):
    durable.add("id", ended, output=f"{FAILURE}StoreMetadata gave up after 57 attempts")
    exit_status, report = status()
    assert (exit_status, report["failed"], report["inaccessible"]) == (1, 1, 0)


def test_an_inaccessible_image_is_counted_apart_without_an_alarm(stack: Stack, durable: DurableDouble, status: Status):
    durable.add(stack.upload("a.png").id, "Failed", output=f"{FAILURE}CannotReadNow: found BlobArchived")
    exit_status, report = status()
    assert (exit_status, report["failed"], report["inaccessible"], report["unprocessed"]) == (0, 0, 1, 0)


def test_a_poison_message_is_exit_status_1_unless_it_is_of_another_app(stack: Stack, status: Status):
    stack.put_poison("a.png", ContainerName="others")
    assert status()[0] == 0
    stack.put_poison("a.png", encoded=True)
    exit_status, report = status()
    assert (exit_status, report["poison"]) == (1, 1)


def test_it_changes_nothing(stack: Stack, durable: DurableDouble, status: Status):
    durable.add("id", "Failed")
    stack.put_poison("a.png")
    before = (durable.statuses(), stack.poisoned())
    status()
    assert (durable.statuses(), stack.poisoned(), durable.starts) == (*before, [])


def test_a_completed_instance_does_not_hide_that_its_blob_has_no_row(
    stack: Stack, durable: DurableDouble, status: Status
):
    durable.add(stack.upload("a.png").id, "Completed", output={"kind": "metadata"})
    assert status()[1]["unprocessed"] == 1


def test_only_the_first_few_of_many_are_named(stack: Stack, status: Status):
    for number in range(12):
        stack.upload(f"{number:02}.png")
    report = status()[1]
    assert (report["unprocessed"], len(report["examples"])) == (12, 10)


def test_the_table_says_why_and_what_to_run(
    stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "120")
    stack.upload("[bold]a\u202eb.png")
    stack.put_poison("a.png")
    durable.add("failed", "Failed", **at_step("StoreMetadata", "retries_exhausted"))
    durable.add("running", "Running", createdTime=ago(minutes=5), **at_step("ExtractMetadata"))
    assert imagectl("status", "--grace", "0s", "--output", "table", "--url", durable.url) == 1
    assert (
        capsys.readouterr().out
        == """\
what             count  note
blobs                1
rows                 0
rejections           0
running              1  the oldest for 5m, at ExtractMetadata: image-input/a.png
new                  0
queued               0
inaccessible         0
failed               1  retries_exhausted 1; imagectl failures, then imagectl retry
poison messages      1  the trigger failed on every delivery; imagectl retry
unprocessed          1  nothing is under way; imagectl backfill
                        image-input/[bold]a%E2%80%AEb.png
reconciliation          none yet
"""
    )


@pytest.mark.parametrize(
    ("step", "hours", "stuck"),
    [
        ("ExtractMetadata", 1, False),
        ("ExtractMetadata", 2, True),
        ("StoreMetadata", 24, False),
        ("StoreMetadata", 26, True),
    ],
)
def test_an_orchestration_that_is_older_than_its_retries_explain_is_stuck(
    durable: DurableDouble, status: Status, step: str, hours: int, stuck: bool
):
    durable.add("id", "Running", createdTime=ago(hours=hours), **at_step(step))
    exit_status, report = status()
    assert (exit_status, report["stuck"]) == (int(stuck), ["image-input/a.png"] * stuck)
    assert status("--stuck-after", "9d")[0] == 0


def store_now(stack: Stack, uploaded_at: datetime) -> None:
    """Let the app store the rejection of another upload, uploaded then."""
    upload = stack.upload("just stored.txt")
    facts = BlobFacts(size=5, uploaded_at=utc_text(uploaded_at))
    rejection = Rejection(
        instance_id=upload.id, upload=upload, blob=facts, reason=RejectionReason.CORRUPT, detail="for the test"
    )
    store(rejection, stack.connections)


def test_an_upload_is_queued_while_the_app_stores_uploads_that_have_waited_as_long(stack: Stack, status: Status):
    stack.upload("waiting.png")
    store_now(stack, datetime.now(UTC) - timedelta(minutes=5))
    exit_status, report = status()
    assert (exit_status, report["queued"], report["unprocessed"]) == (0, 1, 0)


def test_an_upload_is_missed_when_the_app_stores_newer_ones_at_once(
    stack: Stack, durable: DurableDouble, status: Status
):
    stack.upload("missed.png")
    store_now(stack, datetime.now(UTC) + timedelta(minutes=1))
    durable.add("another", "Running", createdTime=ago(seconds=5))
    exit_status, report = status()
    assert (exit_status, report["queued"], report["unprocessed"]) == (1, 0, 1)
    assert report["examples"] == ["image-input/missed.png"]


def test_as_many_uploads_are_queued_as_events_wait(stack: Stack, status: Status):
    names = [f"{number}.png" for number in range(5)]
    for name in names:
        stack.upload(name)
    with events_waiting(3):
        exit_status, report = status()
    assert (exit_status, report["queued"], report["unprocessed"], len(report["examples"])) == (1, 3, 2, 2)


@contextmanager
def events_waiting(count: int) -> Iterator[None]:
    queue = queue_service().get_queue_client(EVENT_QUEUE)
    queue.create_queue()
    for _ in range(count):
        queue.send_message("an event")
    yield
    queue.delete_queue()


def reconciled_three_hours_ago(stack: Stack) -> None:
    ended_at = (datetime.now(UTC) - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%S.000")
    with closing(connect(stack.sql)) as connection:
        connection.execute(
            "INSERT INTO Reconciliations (id, began_at, ended_at, complete, blobs, started, changed, errors) "
            "VALUES ('1', ?, ?, 1, 9, 2, 0, 1)",
            ended_at,
            ended_at,
        )


def test_the_newest_reconciliation_is_shown(stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]):
    reconciled_three_hours_ago(stack)
    imagectl("status", "--url", durable.url)
    assert "reconciliation\t\t3h ago: 2 started, 1 errors\n" in capsys.readouterr().out


@pytest.mark.parametrize(("schedule", "exit_status"), [("0 0 * * * *", 1), ("0 0 0 1 1 *", 0)])
def test_two_missed_schedules_need_attention(
    stack: Stack, status: Status, monkeypatch: pytest.MonkeyPatch, schedule: str, exit_status: int
):
    monkeypatch.setenv("ReconcileSchedule", schedule)
    reconciled_three_hours_ago(stack)
    found, report = status()
    assert found == exit_status
    assert ["2 scheduled runs have passed without one" in each for each in report["warnings"]] == [True] * exit_status


def test_a_new_stack_waits_for_its_first_schedule(status: Status, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ReconcileSchedule", "0 0 * * * *")
    assert status()[0] == 0


@pytest.mark.parametrize(
    ("account", "upload_id", "warning"),
    [
        ("another", "", "the app at --url processes blobs of the account another"),
        (ACCOUNT, "no such row", "none of the 1 newest completed uploads has a row here"),
    ],
)
def test_two_stacks_that_do_not_belong_together_are_exit_status_1(
    durable: DurableDouble, status: Status, account: str, upload_id: str, warning: str
):
    output = {"kind": "metadata", "upload_id": upload_id}
    durable.add("id", "Completed", createdTime=ago(minutes=1), input={"account": account}, output=output)
    exit_status, report = status()
    assert (exit_status, len(report["warnings"])) == (1, 1)
    assert report["warnings"][0].startswith(warning)


def test_watch_looks_again_until_ctrl_c(
    durable: DurableDouble, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("imagectl.verbs.status.time.sleep", sleep)
    with pytest.raises(KeyboardInterrupt):
        imagectl("status", "--watch", "7", "--url", durable.url)
    assert (pauses, capsys.readouterr().out.count("reconciliation")) == ([7, 7], 2)


def test_an_archived_image_that_nobody_tried_is_inaccessible(stack: Stack, status: Status):
    stack.upload("a.png")
    stack.container.get_blob_client("a.png").set_standard_blob_tier("Archive")
    exit_status, report = status()
    assert (exit_status, report["inaccessible"], report["unprocessed"]) == (0, 1, 0)


def test_without_a_poison_queue_there_are_no_messages(stack: Stack, status: Status):
    stack.poison.delete_queue()
    assert status()[1]["poison"] == 0
