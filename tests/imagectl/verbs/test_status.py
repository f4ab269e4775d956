"""`imagectl status` on real storage and a real database; the app is a durable API that runs nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from image_metadata.model import RejectionReason
from tests.imagectl.durable_double import DurableDouble
from tests.imagectl.stack import Stack, imagectl

FAILURE = "Orchestrator function 'OrchestratorFunction' failed: "
Status = Callable[..., tuple[int, dict[str, Any]]]
pytestmark = pytest.mark.usefixtures("stack")


@pytest.fixture
def status(durable: DurableDouble, capsys: pytest.CaptureFixture[str]) -> Status:
    """Run it; exit status and report."""

    def run(*words: str) -> tuple[int, dict[str, Any]]:
        exit_status = imagectl("status", "--json", "--grace", "0s", "--url", durable.url, *words)
        return exit_status, json.loads(capsys.readouterr().out)

    return run


def test_when_all_is_stored_nobody_is_needed(stack: Stack, status: Status):
    stack.reject(stack.upload("a.txt"))
    stack.reject(stack.upload("b.txt"), RejectionReason.EMPTY)
    exit_status, report = status()
    assert exit_status == 0
    assert (report["blobs"], report["rows"], report["rejections"]) == (2, 0, {"corrupt": 1, "empty": 1})


def test_an_image_without_a_row_needs_a_person_and_is_named(stack: Stack, status: Status):
    stack.upload("a\nb.png")
    exit_status, report = status()
    assert (exit_status, report["lost"], report["lost_names"]) == (1, 1, ["image-input/a%0Ab.png"])


def test_an_image_that_is_under_way_is_not_lost(stack: Stack, durable: DurableDouble, status: Status):
    durable.add(stack.upload("a.png").id, "Running")
    exit_status, report = status()
    assert (exit_status, report["running"], report["lost"]) == (0, 1, 0)


def test_a_new_image_may_still_be_announced(stack: Stack, status: Status):
    stack.upload("a.png")
    exit_status, report = status("--grace", "10m")
    assert (exit_status, report["arriving"], report["lost"]) == (0, 1, 0)


@pytest.mark.parametrize("ended", ["Failed", "Terminated", "Canceled"])
def test_what_failed_needs_a_person(durable: DurableDouble, status: Status, ended: str):
    durable.add("id", ended, output=f"{FAILURE}StoreMetadata gave up after 57 attempts")
    exit_status, report = status()
    assert (exit_status, report["failed"], report["waiting"]) == (1, 1, 0)


def test_an_unreadable_image_waits_without_an_alarm(stack: Stack, durable: DurableDouble, status: Status):
    durable.add(stack.upload("a.png").id, "Failed", output=f"{FAILURE}CannotReadNow: found BlobArchived")
    exit_status, report = status()
    assert (exit_status, report["failed"], report["waiting"], report["lost"]) == (0, 0, 1, 0)


def test_a_poison_message_needs_a_person_unless_it_is_of_another_app(stack: Stack, status: Status):
    stack.put_poison("a.png", ContainerName="others")
    assert status()[0] == 0
    stack.put_poison("a.png", encoded=True)
    exit_status, report = status()
    assert (exit_status, report["poison"]) == (1, 1)


def test_a_look_changes_nothing(stack: Stack, durable: DurableDouble, status: Status):
    durable.add("id", "Failed")
    stack.put_poison("a.png")
    before = (durable.statuses(), stack.poisoned())
    status()
    assert (durable.statuses(), stack.poisoned(), durable.starts) == (*before, [])


def test_a_completed_instance_without_a_row_is_no_excuse(stack: Stack, durable: DurableDouble, status: Status):
    durable.add(stack.upload("a.png").id, "Completed", output={"kind": "metadata"})
    assert status()[1]["lost"] == 1


def test_only_the_first_few_of_many_are_named(stack: Stack, status: Status):
    for number in range(12):
        stack.upload(f"{number:02}.png")
    report = status()[1]
    assert (report["lost"], len(report["lost_names"])) == (12, 10)


def test_the_table_says_what_to_run(stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]):
    stack.upload("[bold]a.png")
    stack.put_poison("a.png")
    durable.add("id", "Failed")
    assert imagectl("status", "--grace", "0s", "--url", durable.url) == 1
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert {"failed 1 imagectl retry", "poison messages 1 imagectl retry", "without a row 1 imagectl backfill"} < set(
        lines
    )
    assert "image-input/[bold]a.png" in lines


def test_an_archived_image_that_nobody_tried_waits_too(stack: Stack, status: Status):
    stack.upload("a.png")
    stack.container.get_blob_client("a.png").set_standard_blob_tier("Archive")
    exit_status, report = status()
    assert (exit_status, report["waiting"], report["lost"]) == (0, 1, 0)


def test_without_a_poison_queue_there_are_no_messages(stack: Stack, status: Status):
    stack.poison.delete_queue()
    assert status()[1]["poison"] == 0
