"""The Durable extension's side of an orchestration on a virtual clock: history in, actions out, retries as DTFx does.

Facts: `HistoryEvent` of the Durable Task Framework (names and numbers), its `RetryInterceptor` (delay = first x
coefficient^n, capped; a zero-delay timer after the last attempt too).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.functions as func

Main = Callable[[func.OrchestrationContext], str]
Activity = Callable[[Any], Any]

_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Orchestration:
    """One instance: its history, its virtual clock, and how it ended.

    Attributes:
        waits: the waits between attempts, in order.
        inputs: what each activity was called with, in order.
        output: what the orchestrator returned; None before and on failure.
        error: the sentence with which it failed, None before and on success.
        custom_statuses: one for each episode.
    """

    main: Main
    activities: dict[str, Activity]
    client_input: Any
    now: datetime = _START
    history: list[dict[str, Any]] = field(default_factory=list)
    waits: list[timedelta] = field(default_factory=list)
    inputs: list[tuple[str, Any]] = field(default_factory=list)
    output: Any = None
    error: str | None = None
    custom_statuses: list[Any] = field(default_factory=list)
    _next_id: int = 0

    def run(self) -> "Orchestration":
        text = json.dumps(json.dumps(self.client_input))
        self._add(12)
        self._add(0, Name="OrchestratorFunction", Version="", Input=text)
        done = 0
        while (actions := self._episode()) is not None:
            assert len(actions) == done + 1, "expected one new action in each episode of this workflow"
            self._carry_out(actions[done])
            done += 1
        return self

    @property
    def elapsed(self) -> timedelta:
        return self.now - _START

    def _episode(self) -> list[dict[str, Any]] | None:
        body = {
            "history": self.history,
            "input": json.dumps(self.client_input),
            "instanceId": "i",
            "isReplaying": False,
        }
        body |= {"parentInstanceId": None, "upperSchemaVersion": 1, "upperSchemaVersionNew": 3}
        try:
            state = json.loads(self.main(func.OrchestrationContext(json.dumps(body))))
        except Exception as failure:  # noqa: BLE001  # whatever it raises is its failure
            state = json.loads(str(failure).split("$OutOfProcData$:", 1)[1])
            self.error = state["error"]
            self.custom_statuses.append(state.get("customStatus"))
            return None
        self.custom_statuses.append(state.get("customStatus"))
        if state["isDone"]:
            self.output = state["output"]
            return None
        actions: list[dict[str, Any]]
        (actions,) = state["actions"]
        return actions

    def _carry_out(self, action: dict[str, Any]) -> None:
        (call,) = action["compoundActions"]
        options = call["retryOptions"]
        for attempt in range(options["maxNumberOfAttempts"]):
            if self._attempt(call):
                return
            last = attempt + 1 == options["maxNumberOfAttempts"]
            self._wait(timedelta() if last else _delay(options, attempt))

    def _attempt(self, call: dict[str, Any]) -> bool:
        event_id = self._schedule(4, Name=call["functionName"], Version="", Input=None)
        self.inputs.append((call["functionName"], json.loads(call["input"])))
        try:
            result = self.activities[call["functionName"]](json.loads(call["input"]))
        except Exception as error:  # noqa: BLE001  # as above
            reason = f"Activity function '{call['functionName']}' failed:  {type(error).__name__}: {error}"
            self._add(6, TaskScheduledId=event_id, Reason=reason, Details='{"ClassName":"System.Exception"}')
            return False
        self._add(5, TaskScheduledId=event_id, Result=json.dumps(result))
        return True

    def _wait(self, delay: timedelta) -> None:
        fire_at = self.now + delay
        event_id = self._schedule(10, FireAt=_text(fire_at))
        self.now = fire_at
        if delay:
            self.waits.append(delay)
        self._add(11, TimerId=event_id, FireAt=_text(fire_at))

    def _schedule(self, event_type: int, **fields: Any) -> int:
        event_id = self._next_id
        self._next_id += 1
        self.history.append(self._event(event_type, event_id, fields))
        self._add(13)
        self._add(12)
        return event_id

    def _add(self, event_type: int, **fields: Any) -> None:
        self.history.append(self._event(event_type, -1, fields))

    def _event(self, event_type: int, event_id: int, fields: dict[str, Any]) -> dict[str, Any]:
        common = {"EventType": event_type, "EventId": event_id, "IsPlayed": False, "Timestamp": _text(self.now)}
        return common | fields


def _delay(options: dict[str, Any], attempt: int) -> timedelta:
    milliseconds = options["firstRetryIntervalInMilliseconds"] * options["backoffCoefficient"] ** attempt
    return timedelta(milliseconds=min(milliseconds, options["maxRetryIntervalInMilliseconds"]))


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z") if moment.microsecond else f"{moment:%Y-%m-%dT%H:%M:%S}.000000Z"
