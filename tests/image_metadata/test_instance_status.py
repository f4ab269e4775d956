"""What the status of an orchestration says."""

import pytest

from image_metadata.instance_status import LIVE, failure_code, is_active_or_stored
from image_metadata.model import FailureCode


@pytest.mark.parametrize("status", LIVE)
def test_an_orchestration_that_has_not_ended_is_left_alone(status: str):
    assert is_active_or_stored(status, None)


@pytest.mark.parametrize("kind", ["metadata", "rejection"])
def test_an_orchestration_that_stored_a_row_is_left_alone(kind: str):
    assert is_active_or_stored("Completed", {"kind": kind})


@pytest.mark.parametrize(
    ("status", "output"),
    [("Completed", {"kind": "deleted"}), ("Completed", {"kind": "gone"}), ("Completed", None), ("Failed", "failed: x")],
)
def test_an_orchestration_that_stored_nothing_may_be_started_again(status: str, output: object):
    assert not is_active_or_stored(status, output)


@pytest.mark.parametrize("code", FailureCode)
def test_the_code_is_that_of_the_custom_status(code: FailureCode):
    assert failure_code({"step": "ExtractMetadata", "code": code.value}, "failed: text") is code


def test_the_failure_texts_of_earlier_releases_have_a_code():
    text = "Orchestrator function 'OrchestratorFunction' failed: CannotReadNow: the blob is archived"
    assert failure_code({"step": "ExtractMetadata", "blob": "a"}, text) is FailureCode.INACCESSIBLE


@pytest.mark.parametrize("status", [None, "text", {"code": "invented"}, {"step": "StoreMetadata"}])
def test_a_failure_without_a_code_has_none(status: object):
    assert failure_code(status, "Orchestrator function 'OrchestratorFunction' failed: a bug") is None
