"""What the release with failure codes has stored elsewhere is still answered in the same way."""

import importlib
import json
from pathlib import Path
from typing import Any

import azure.functions as func
import pytest

from image_metadata.instance_status import failure_code
from image_metadata.model import FailureCode, StoredRow, WorkflowStatus
from image_metadata.payload import decode, decode_outcome, decode_upload
from tests.support.release_before import recorded

HISTORIES = {
    file.stem: json.loads(file.read_text("utf-8"))
    for file in (Path(__file__).parent / "failure_codes" / "histories").glob("*.json")
}
CODES = {
    "failed-inaccessible": FailureCode.INACCESSIBLE,
    "failed-internal-error": FailureCode.INTERNAL_ERROR,
    "failed-invalid-payload": FailureCode.INVALID_PAYLOAD,
    "failed-retries-exhausted": FailureCode.RETRIES_EXHAUSTED,
}
COMPLETED = {
    "completed-after-store-retries": "metadata",
    "completed-deleted": "deleted",
    "completed-directory": "directory",
    "completed-metadata": "metadata",
    "completed-rejection": "rejection",
}


@pytest.fixture(autouse=True)
def strict_typing(monkeypatch: pytest.MonkeyPatch):
    """As the app's settings have it."""
    monkeypatch.setenv("AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", "1")


def answer_to(trigger: dict[str, Any]) -> Any:
    """The orchestrator's state; that of a failure travels in the text of its exception."""
    main = importlib.import_module("OrchestratorFunction").main
    try:
        return json.loads(main(func.OrchestrationContext(json.dumps(trigger))))
    except Exception as failure:  # noqa: BLE001  # whatever it raises is its failure
        return json.loads(str(failure).partition("$OutOfProcData$:")[2])


def test_every_situation_is_recorded():
    assert set(HISTORIES) == {*CODES, *COMPLETED}


@pytest.mark.parametrize("situation", sorted({*CODES, *COMPLETED}))
def test_a_recorded_trigger_gets_the_recorded_answer(situation: str):
    recording = HISTORIES[situation]
    assert answer_to(recording["trigger"]) == recording["answer"]


@pytest.mark.parametrize("situation", sorted(CODES))
def test_a_recorded_custom_status_has_the_code_of_the_failure(situation: str):
    answer = HISTORIES[situation]["answer"]
    assert decode(WorkflowStatus, answer["customStatus"]).code is CODES[situation]
    assert failure_code(answer["customStatus"], f"failed: {answer['error']}") is CODES[situation]


@pytest.mark.parametrize("situation", sorted(COMPLETED))
def test_a_recorded_output_is_that_of_a_stored_row(situation: str):
    assert decode(StoredRow, HISTORIES[situation]["answer"]["output"]).kind == COMPLETED[situation]


@pytest.mark.parametrize("situation", sorted({*CODES, *COMPLETED} - {"failed-invalid-payload"}))
def test_recorded_payloads_are_decoded(situation: str):
    trigger = HISTORIES[situation]["trigger"]
    upload = decode_upload(json.loads(trigger["input"]))
    results = [json.loads(event["Result"]) for event in trigger["history"] if event["EventType"] == 5]
    outcomes = [decode_outcome(result) for result in results if "instance_id" in result]
    assert {outcome.upload for outcome in outcomes} <= {upload}


def test_the_outcomes_of_the_release_before_are_decoded():
    results = [call["result"] for call in recorded("payloads.json")["ExtractMetadata"] if "result" in call]
    assert {type(decode_outcome(result)).__name__ for result in results} == {
        *("ImageMetadata", "Rejection", "Deleted", "Inaccessible")
    }


def test_the_failures_of_the_release_before_are_understood():
    bodies = [answer["body"] for answer in recorded("instances.json").values()]
    failed = [body for body in bodies if body["runtimeStatus"] == "Failed"]
    codes = {failure_code(body["customStatus"], body["output"]) for body in failed}
    assert FailureCode.INACCESSIBLE in codes
