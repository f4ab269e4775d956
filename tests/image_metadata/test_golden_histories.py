"""Orchestrations that an earlier release started go on under this one.

Each file in `tests/golden/release_before/histories` is a trigger of the orchestrator as the host sent it to that
release, and what that release answered. The host replays the steps that this release asks for against the recorded
history, so they have to be the same ones in the same order; it does not compare retry intervals.
"""

import importlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import azure.functions as func
import pytest

from tests.support.release_before import Recording, histories

RECORDED = histories()
SITUATIONS = {
    "completed-gone",
    "completed-metadata",
    "completed-metadata-after-extract-retries",
    "completed-metadata-after-late-first-attempt",
    "completed-metadata-after-store-retries",
    "completed-metadata-after-timeout",
    "completed-metadata-secret-like-name",
    "completed-metadata-uri-with-credentials-name",
    "completed-rejection",
    "extract-between-retries",
    "extract-failed-once",
    "extract-late-first-attempt",
    "extract-scheduled",
    "extract-timed-out",
    "failed-extract-exhausted",
    "failed-input-that-is-no-upload",
    "failed-store-exhausted",
    "failed-unreadable",
    "store-between-retries",
    "store-failed-once",
    "store-scheduled",
    "store-scheduled-gone",
    "store-scheduled-rejection",
    "terminated",
}
# It failed before it asked for anything, so it is never replayed; this release lets ExtractMetadata refuse it.
ENDED_BEFORE_ITS_FIRST_STEP = {"failed-input-that-is-no-upload"}
# Words of the earlier release, and this one's.
RENAMED = {"gone": "deleted", "unreadable": "inaccessible"}

_TASK_FAILED, _TIMER_FIRED, _ORCHESTRATOR_STARTED = 6, 11, 12


@dataclass(frozen=True)
class Answer:
    """What an orchestrator answers to a trigger.

    Attributes:
        calls: kind of action, activity and decoded input of everything that was asked for, from the start.
        end: ``running``, ``completed`` or ``failed``.
        attempts: how often the last activity is tried at most; 0 when none was asked for.
    """

    calls: list[tuple[int, str, Any]]
    end: str
    attempts: int
    output: Any
    error: str
    custom_status: Any

    @classmethod
    def of(cls, state: dict[str, Any]) -> "Answer":
        (actions,) = state["actions"]
        leaves = [leaf for action in actions for leaf in action.get("compoundActions", [action])]
        return cls(
            calls=[(leaf["actionType"], leaf["functionName"], decoded(json.loads(leaf["input"]))) for leaf in leaves],
            end="failed" if state.get("error") else "completed" if state["isDone"] else "running",
            attempts=leaves[-1]["retryOptions"]["maxNumberOfAttempts"] if leaves else 0,
            output=decoded(state.get("output")),
            error=state.get("error") or "",
            custom_status=decoded(state.get("customStatus")),
        )


def decoded(value: Any) -> Any:
    """The value in this release's words, with the percent-encoding of every text undone."""
    match value:
        case dict():
            plain = {name: decoded(item) for name, item in value.items()}
            return plain | {"kind": RENAMED.get(plain["kind"], plain["kind"])} if "kind" in plain else plain
        case str() if (text := unquote(value)) != value:
            return decoded(text)
        case _:
            return value


def answer_to(trigger: dict[str, Any]) -> Answer:
    """What the deployed orchestrator answers; a failure's state travels in the text of its exception."""
    main = importlib.import_module("OrchestratorFunction").main
    try:
        state = main(func.OrchestrationContext(json.dumps(trigger)))
    except Exception as failure:  # noqa: BLE001  # whatever it raises is its failure
        state = str(failure).partition("$OutOfProcData$:")[2]
    return Answer.of(json.loads(state))


def after_failures(recording: Recording, count: int) -> dict[str, Any]:
    """The recorded trigger as it was when the retry timer after this many failures fired."""
    history = recording.trigger["history"]
    failures = [place for place, event in enumerate(history) if event["EventType"] == _TASK_FAILED]
    fired = next(place for place in range(failures[count - 1], len(history)) if _is(history[place], _TIMER_FIRED))
    events = history[: fired + 1]
    newest = max(place for place, event in enumerate(events) if _is(event, _ORCHESTRATOR_STARTED))
    return recording.trigger | {"history": [event | {"IsPlayed": place < newest} for place, event in enumerate(events)]}


def _is(event: dict[str, Any], kind: int) -> bool:
    return bool(event["EventType"] == kind)


@pytest.fixture(autouse=True)
def strict_typing(monkeypatch: pytest.MonkeyPatch):
    """As the app's settings have it."""
    monkeypatch.setenv("AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", "1")


def test_every_situation_is_recorded():
    assert set(RECORDED) == SITUATIONS


@pytest.mark.filterwarnings("ignore:Potential duplicate Task completion")  # the late first attempt is one
@pytest.mark.parametrize("situation", sorted(SITUATIONS - ENDED_BEFORE_ITS_FIRST_STEP))
def test_the_same_steps_are_asked_for_and_the_end_is_the_same(situation: str):
    recording = RECORDED[situation]
    before, now = Answer.of(recording.answer), answer_to(recording.trigger)
    assert (now.calls, now.end, now.output) == (before.calls, before.end, before.output)


@pytest.mark.filterwarnings("ignore:Potential duplicate Task completion")  # as above
@pytest.mark.parametrize("situation", sorted(SITUATIONS - ENDED_BEFORE_ITS_FIRST_STEP))
def test_the_custom_status_still_says_step_and_blob(situation: str):
    recording = RECORDED[situation]
    before, now = Answer.of(recording.answer).custom_status, answer_to(recording.trigger).custom_status
    assert {name: now.get(name) for name in before} == before


@pytest.mark.parametrize("failures", [1, 20, 32, 40, 56])
def test_an_outage_that_began_before_the_upgrade_goes_on_as_long_as_this_release_waits(failures: int):
    recording = RECORDED["failed-store-exhausted"]
    now = answer_to(after_failures(recording, failures))
    assert now.calls == Answer.of(recording.answer).calls
    assert now.end == ("running" if failures < now.attempts else "failed")


def test_a_failure_still_says_why():
    assert "archive tier" in answer_to(RECORDED["failed-unreadable"].trigger).error
    assert "no sound answer from storage" in answer_to(RECORDED["failed-extract-exhausted"].trigger).error
    assert "imagectl schema" in answer_to(RECORDED["failed-store-exhausted"].trigger).error
