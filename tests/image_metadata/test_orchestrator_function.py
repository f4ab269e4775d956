"""The deployed orchestrator through the SDK's own replay, with stub activities and a virtual clock."""

import importlib
import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from image_metadata.model import Deleted, Inaccessible, Upload, outcome_to_dict
from tests.support.replay import Activity, Orchestration

UPLOAD = Upload("pictures", "image-input", 'a?sig=b"\n.png', "0x1")
FOUND = outcome_to_dict(Deleted(instance_id=UPLOAD.id, upload=UPLOAD))
STORED = {"kind": "gone", "upload_id": UPLOAD.id}


@pytest.fixture(autouse=True)
def strict_typing(monkeypatch: pytest.MonkeyPatch):
    """As the app's settings have it."""
    monkeypatch.setenv("AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", "1")


def run(extract: Activity = lambda _: FOUND, store: Activity = lambda _: STORED, payload: Any = None) -> Orchestration:
    main = importlib.import_module("OrchestratorFunction").main
    activities = {"ExtractMetadata": extract, "StoreMetadata": store}
    return Orchestration(main, activities, UPLOAD.to_dict() if payload is None else payload).run()


def failing(times: int, message: str, result: Any) -> Activity:
    """An activity that fails so many times, then returns."""
    failures = iter(range(times))

    def activity(_: Any) -> Any:
        if next(failures, None) is not None:
            raise ConnectionError(message)
        return result

    return activity


def test_the_story_is_extract_then_store():
    done = run()
    assert done.inputs == [("ExtractMetadata", UPLOAD.to_dict()), ("StoreMetadata", FOUND)]
    assert done.output == STORED


def test_the_custom_status_says_which_step_runs_for_which_blob():
    statuses = run().custom_statuses
    assert statuses[0] == {"step": "ExtractMetadata", "blob": str(UPLOAD)}
    assert statuses[-1] == {"step": "StoreMetadata", "blob": str(UPLOAD)}


def test_the_longest_name_keeps_the_custom_status_below_the_hosts_16_kb():
    longest = Upload("pictures", "image-input", "😀" * 1024, "0x1")
    statuses = run(payload=longest.to_dict()).custom_statuses
    assert all(len(json.dumps(status).encode("utf-16")) < 16 * 1024 for status in statuses)


def test_the_database_is_tried_57_times_over_a_day():
    done = run(store=failing(1000, "down", None))
    assert len([name for name, _ in done.inputs if name == "StoreMetadata"]) == 57
    assert timedelta(hours=24) < done.elapsed < timedelta(hours=25)


def test_the_waits_double_from_5_seconds_to_30_minutes():
    waits = run(store=failing(1000, "down", None)).waits
    assert (waits[0], waits[-1]) == (timedelta(seconds=5), timedelta(minutes=30))
    assert all(later in {2 * earlier, timedelta(minutes=30)} for earlier, later in pairwise(waits))


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
        "StoreMetadata gave up after 57 attempts: ConnectionError: expected a database, found none"
    )
    assert "ClassName" not in done.error
    assert "\n" not in done.error


@pytest.mark.parametrize("secret", ["?sig=abc", "Password=abc", "Server=abc", 'Token="abc"'])
def test_a_failure_survives_the_hosts_cutting_of_secrets(secret: str):
    done = run(extract=failing(1000, f"found {secret} there", None))
    assert secret not in str(done.error)


def test_a_blob_that_cannot_be_read_now_fails_at_once_with_its_reason():
    found = outcome_to_dict(Inaccessible(instance_id=UPLOAD.id, upload=UPLOAD, detail="the blob is archived"))
    done = run(extract=lambda _: found)
    assert done.error == "BlobInaccessibleError: the blob is archived"
    assert [name for name, _ in done.inputs] == ["ExtractMetadata"]


@pytest.mark.parametrize("payload", ["text", [], {"name": "a.png"}])
def test_an_input_that_is_no_upload_fails_by_name(payload: Any):
    assert "expected the payload of Upload" in str(run(payload=payload).error)


def test_nothing_in_the_history_spells_a_secret():
    assert "?sig=" not in json.dumps(run().history) + json.dumps(run().inputs)
