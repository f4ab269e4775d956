"""What an orchestrator answers after each replay: the list of everything it has asked for so far, as data."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import zip_longest
from typing import Any, TypeAlias

from functions_emulator.errors import EmulatorError, FunctionFailedError
from functions_emulator.text import sanitize

_STATE_LABEL = "$OutOfProcData$:"
_STACK_LABEL = "\nStack:"
_MAX_STATUS_SIZE = 16
"""KB of JSON in UTF-16."""

_MILLISECOND = timedelta(milliseconds=1)


class OrchestratorFailedError(EmulatorError):
    """The orchestration ends as Failed; ``str()`` is the host's reason after ``failed: ``."""


class _Kind(IntEnum):
    CALL_ACTIVITY = 0
    CALL_ACTIVITY_WITH_RETRY = 1
    CREATE_TIMER = 5
    WHEN_ANY = 11
    WHEN_ALL = 12


_UNSUPPORTED = {
    2: "call_sub_orchestrator",
    3: "call_sub_orchestrator_with_retry",
    4: "continue_as_new",
    6: "wait_for_external_event",
    7: "call_entity",
    8: "call_http",
    9: "signal_entity",
}


@dataclass(frozen=True)
class Retry:
    """The part of the SDK's RetryOptions that a Python orchestrator can use."""

    first_interval: timedelta
    max_attempts: int
    backoff: float = 1.0
    max_interval: timedelta | None = None

    def delay(self, failures: int) -> timedelta:
        """The wait after this many failures; zero after the last, for which DurableTask creates a timer too."""
        if failures >= self.max_attempts:
            return timedelta()
        limit = self.max_interval or timedelta.max
        try:
            return min(self.first_interval * self.backoff ** (failures - 1), limit)
        except OverflowError:
            return limit


@dataclass(frozen=True)
class CallActivity:
    """``input`` is JSON text."""

    name: str
    input: str
    retry: Retry | None = None


@dataclass(frozen=True)
class CreateTimer:
    """``fire_at`` is in UTC. A timer may be canceled later, and is the same timer."""

    fire_at: datetime
    is_canceled: bool = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CreateTimer) and self.fire_at == other.fire_at

    def __hash__(self) -> int:
        return hash(self.fire_at)


Action: TypeAlias = CallActivity | CreateTimer


@dataclass(frozen=True)
class Answer:
    """One answer. ``error`` is the reason when the orchestrator raised."""

    actions: tuple[Action, ...]
    is_done: bool
    output: Any = None
    custom_status: Any = None
    error: str | None = None


def read_answer(text: str) -> Answer:
    """The orchestrator's return value as data; raises OrchestratorFailedError for what it cannot be."""
    try:
        state = json.loads(text)
        actions = tuple(_leaves(_only_list(state["actions"])))
        custom_status = _checked_size(state.get("customStatus"))
        return Answer(actions, bool(state.get("isDone")), state.get("output"), custom_status, state.get("error"))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise OrchestratorFailedError(
            f"expected the state of an orchestrator, found text that cannot be read as one ({error})"
        ) from error


def read_failure(error: FunctionFailedError) -> Answer:
    """What the host makes of an orchestrator that raised: its state travels inside the sanitized message.

    Raises OrchestratorFailedError when no state is in it: the function could not be called, or the text was damaged.
    """
    message = sanitize(str(error)).partition(_STACK_LABEL)[0]
    reason, label, state = message.partition(_STATE_LABEL)
    if not label:
        raise OrchestratorFailedError(reason.strip())
    return read_answer(state)


def check_same(earlier: Sequence[Action], now: Sequence[Action]) -> None:
    """Raise OrchestratorFailedError unless ``now`` begins with ``earlier``: the orchestrator must be deterministic."""
    for index, (before, after) in enumerate(zip_longest(earlier, now[: len(earlier)])):
        if before != after:
            raise OrchestratorFailedError(
                f"Non-Deterministic workflow detected: action {index} was {_described(before)} in an earlier episode "
                f"and is {_described(after)} in this replay; keep clocks, randomness and I/O out of the orchestrator"
            )


def _checked_size(custom_status: Any) -> Any:
    """The custom status, unless it is larger than the Durable extension takes."""
    size = len(json.dumps(custom_status, ensure_ascii=False).encode("utf-16-le", "surrogatepass")) // 1024
    if size > _MAX_STATUS_SIZE:
        raise OrchestratorFailedError(
            f"The UTF-16 size of the JSON-serialized payload must not exceed {_MAX_STATUS_SIZE} KB. "
            f"The current payload size is {size} KB."
        )
    return custom_status


def _described(action: Action | None) -> str:
    match action:
        case CallActivity(name=name):
            return f"a call of '{name}'"
        case CreateTimer(fire_at=fire_at):
            return f"a timer at {fire_at.isoformat()}"
        case _:
            return "missing"


def _only_list(actions: Sequence[list[Any]]) -> list[Any]:
    (only,) = actions
    return only


def _leaves(actions: Sequence[Mapping[str, Any]]) -> Iterator[Action]:
    for action in actions:
        kind = action["actionType"]
        if kind in (_Kind.WHEN_ALL, _Kind.WHEN_ANY):
            yield from _leaves(action["compoundActions"])
        elif kind == _Kind.CREATE_TIMER:
            yield CreateTimer(datetime.fromisoformat(action["fireAt"]), action.get("isCanceled", False))
        elif kind == _Kind.CALL_ACTIVITY:
            yield CallActivity(action["functionName"], action["input"])
        elif kind == _Kind.CALL_ACTIVITY_WITH_RETRY:
            yield CallActivity(action["functionName"], action["input"], _retry(action["retryOptions"]))
        else:
            name = _UNSUPPORTED.get(kind, f"action type {kind}")
            raise OrchestratorFailedError(f"{name} is not supported by functions_emulator; run the app with func start")


def _retry(options: Mapping[str, Any]) -> Retry:
    if options.get("retryTimeoutInMilliseconds"):
        raise OrchestratorFailedError(
            "retryTimeoutInMilliseconds leaves a Python orchestration waiting forever; set maxNumberOfAttempts instead"
        )
    max_interval = options.get("maxRetryIntervalInMilliseconds")
    return Retry(
        options["firstRetryIntervalInMilliseconds"] * _MILLISECOND,
        options["maxNumberOfAttempts"],
        options.get("backoffCoefficient") or 1.0,
        max_interval * _MILLISECOND if max_interval else None,
    )
