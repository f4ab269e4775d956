"""The deployed orchestrator through the SDK's own replay, with stub activities and a virtual clock."""

import importlib
import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from image_metadata.model import Deleted, Failure, FailureCode, Inaccessible, StoredRow, Upload, WorkflowStatus
from image_metadata.payload import decode, encode
from tests.support.replay import Activity, Orchestration

UPLOAD = Upload("pictures", "image-input", 'a?sig=b"\n.png', "0x1")
OUTCOME = encode(Deleted(instance_id=UPLOAD.id, upload=UPLOAD))
STORED = encode(StoredRow(kind="deleted", upload_id=UPLOAD.id))


@pytest.fixture(autouse=True)
def strict_typing(monkeypatch: pytest.MonkeyPatch):
    """As the app's settings have it."""
    monkeypatch.setenv("AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", "1")


def run(
    extract: Activity = lambda _: OUTCOME, store: Activity = lambda _: STORED, payload: Any = None
) -> Orchestration:
    main = importlib.import_module("OrchestratorFunction").main
    activities = {"ExtractMetadata": extract, "StoreMetadata": store}
    return Orchestration(main, activities, encode(UPLOAD) if payload is None else payload).run()


def code_of_failed(done: Orchestration) -> FailureCode | None:
    return decode(WorkflowStatus, done.custom_statuses[-1]).code


def failing(times: int, message: str, result: Any) -> Activity:
    """An activity that fails so many times, then returns."""
    failures = iter(range(times))

    def activity(_: Any) -> Any:
        if next(failures, None) is not None:
            raise ConnectionError(message)
        return result

    return activity


def test_the_workflow_is_extract_then_store():
    done = run()
    assert done.inputs == [("ExtractMetadata", encode(UPLOAD)), ("StoreMetadata", OUTCOME)]
    assert done.output == STORED


def test_the_custom_status_says_which_step_runs_for_which_blob():
    statuses = run().custom_statuses
    assert statuses[0] == encode(WorkflowStatus(step="ExtractMetadata", blob=str(UPLOAD)))
    assert statuses[-1] == encode(WorkflowStatus(step="StoreMetadata", blob=str(UPLOAD)))


def test_the_longest_name_keeps_the_custom_status_below_the_hosts_16_kb():
    longest = Upload("pictures", "image-input", "😀" * 1024, "0x1")
    statuses = run(payload=encode(longest)).custom_statuses
    assert all(len(json.dumps(status).encode("utf-16")) < 16 * 1024 for status in statuses)


def test_the_database_is_tried_33_times_over_a_day():
    done = run(store=failing(1000, "down", None))
    assert len([name for name, _ in done.inputs if name == "StoreMetadata"]) == 33
    assert timedelta(hours=24) < done.elapsed < timedelta(hours=25)


def test_the_waits_double_from_10_seconds_to_an_hour():
    waits = run(store=failing(1000, "down", None)).waits
    assert (waits[0], waits[-1]) == (timedelta(seconds=10), timedelta(hours=1))
    assert all(later in {2 * earlier, timedelta(hours=1)} for earlier, later in pairwise(waits))


def test_a_day_of_outage_makes_at_most_68_episodes():
    done = run(store=failing(1000, "down", None))
    assert len([event for event in done.history if event["EventType"] == 12]) <= 68


def test_a_row_arrives_by_itself_once_the_database_is_back():
    done = run(store=failing(20, "down", STORED))
    assert done.output == STORED


def test_storage_is_tried_for_minutes_and_not_for_a_day():
    done = run(extract=failing(1000, "away", None))
    assert timedelta(minutes=5) < done.elapsed < timedelta(minutes=15)


def test_exhausted_retries_fail_with_one_sentence_without_the_hosts_stack():
    done = run(store=failing(1000, "expected a database, found none;\nStack: x", None))
    assert done.error is not None
    assert done.error.startswith(
        "retries_exhausted: StoreMetadata failed 33 times, the last time with ConnectionError: expected a database"
    )
    assert code_of_failed(done) is FailureCode.RETRIES_EXHAUSTED
    assert "ClassName" not in done.error
    assert "\n" not in done.error


@pytest.mark.parametrize("secret", ["?sig=abc", "Password=abc", "Server=abc", 'Token="abc"'])
def test_a_failure_survives_the_hosts_cutting_of_secrets(secret: str):
    done = run(extract=failing(1000, f"found {secret} there", None))
    assert secret not in str(done.error)


def test_an_inaccessible_blob_fails_at_once_with_its_reason():
    outcome = encode(Inaccessible(instance_id=UPLOAD.id, upload=UPLOAD, detail="the blob is archived"))
    done = run(extract=lambda _: outcome)
    assert done.error == "inaccessible: the blob is archived"
    assert code_of_failed(done) is FailureCode.INACCESSIBLE
    assert [name for name, _ in done.inputs] == ["ExtractMetadata"]


def test_an_outcome_that_the_release_before_wrote_fails_with_the_same_code():
    outcome = {
        "kind": "unreadable",
        "instance_id": "i",
        "upload": encode(UPLOAD),
        "detail": "the%20blob%20is%20archived",
    }
    done = run(extract=lambda _: outcome)
    assert (done.error, code_of_failed(done)) == ("inaccessible: the blob is archived", FailureCode.INACCESSIBLE)


@pytest.mark.parametrize("code", [FailureCode.INVALID_PAYLOAD, FailureCode.INTERNAL_ERROR])
def test_a_failure_that_an_activity_returns_fails_at_once(code: FailureCode):
    done = run(store=lambda _: encode(Failure(code=code, detail="expected x, found y")))
    assert (done.error, code_of_failed(done)) == (f"{code}: expected x, found y", code)
    assert done.waits == []


def test_a_code_of_a_later_version_is_an_internal_error():
    done = run(extract=lambda _: {"kind": "failure", "code": "invented", "detail": "x"})
    assert code_of_failed(done) is FailureCode.INTERNAL_ERROR


@pytest.mark.parametrize("payload", ["text", [], {"name": "a.png"}])
def test_an_input_that_is_not_an_upload_fails_at_once(payload: Any):
    done = run(extract=importlib.import_module("ExtractMetadata").main, payload=payload)
    assert str(done.error).startswith("invalid_payload: expected the payload of Upload")
    assert code_of_failed(done) is FailureCode.INVALID_PAYLOAD


def test_nothing_in_the_history_spells_a_secret():
    assert "?sig=" not in json.dumps(run().history) + json.dumps(run().inputs)
