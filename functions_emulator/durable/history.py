"""An orchestration's history as the Durable extension sends it to a Python worker (DurableTask.Core JSON)."""

import json
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, TypeAlias

Event: TypeAlias = dict[str, Any]


class EventType(IntEnum):
    """The kinds of events that the emulator writes, with DurableTask.Core's numbers."""

    EXECUTION_STARTED = 0
    EXECUTION_COMPLETED = 1
    EXECUTION_FAILED = 2
    TASK_SCHEDULED = 4
    TASK_COMPLETED = 5
    TASK_FAILED = 6
    TIMER_CREATED = 10
    TIMER_FIRED = 11
    ORCHESTRATOR_STARTED = 12
    ORCHESTRATOR_COMPLETED = 13


_NO_ID = -1


class History:
    """A history that grows by one episode at a time. ``now`` is the time of every event of the episode (UTC)."""

    def __init__(self, now: datetime) -> None:
        self.events: list[Event] = []
        self._next_id = 0
        self._set_clock(now)

    def begin(self, name: str, instance_id: str, execution_id: str, input_text: str | None) -> None:
        """Begin the first episode; ``input_text`` is JSON text."""
        self._add(EventType.ORCHESTRATOR_STARTED)
        self._add(
            EventType.EXECUTION_STARTED,
            Name=name,
            Version="",
            Input=input_text,
            OrchestrationInstance={"InstanceId": instance_id, "ExecutionId": execution_id},
            ParentInstance=None,
            Tags=None,
            Correlation=None,
            ParentTraceContext=None,
            ScheduledStartTime=None,
            Generation=None,
        )

    def next_episode(self, now: datetime) -> None:
        """Close the episode and begin the next."""
        self._add(EventType.ORCHESTRATOR_COMPLETED)
        self._set_clock(now)
        self._add(EventType.ORCHESTRATOR_STARTED)

    def task_scheduled(self, name: str) -> int:
        """Add the event without its input, as the host does by default; returns the id that its completion has."""
        return self._add_numbered(
            EventType.TASK_SCHEDULED, Name=name, Version="", Input=None, ParentTraceContext=None, Tags=None
        )

    def task_completed(self, task_id: int, result: str | None) -> None:
        """``result`` is JSON text; None when the activity returned nothing."""
        self._add(EventType.TASK_COMPLETED, TaskScheduledId=task_id, Result=result)

    def task_failed(self, task_id: int, reason: str, details: str) -> None:
        self._add(EventType.TASK_FAILED, TaskScheduledId=task_id, Reason=reason, Details=details, FailureDetails=None)

    def timer_created(self, fire_at: datetime) -> int:
        return self._add_numbered(EventType.TIMER_CREATED, FireAt=timestamp(fire_at))

    def timer_fired(self, timer_id: int, fire_at: datetime) -> None:
        self._add(EventType.TIMER_FIRED, TimerId=timer_id, FireAt=timestamp(fire_at))

    def end(self, kind: EventType, **fields: Any) -> None:
        """Add how the execution ended, which only the status API shows."""
        self._add(EventType.ORCHESTRATOR_COMPLETED)
        self._add(kind, **fields)

    def context(self, instance_id: str, input_value: Any) -> str:
        """The JSON text that the orchestrator's binding receives (an ``OrchestrationContext``)."""
        last = max(index for index, event in enumerate(self.events) if _opens_episode(event))
        return json.dumps(
            {
                "history": [event | {"IsPlayed": index < last} for index, event in enumerate(self.events)],
                "input": input_value,
                "instanceId": instance_id,
                "isReplaying": last > 0,
                "parentInstanceId": None,
                "upperSchemaVersion": 1,
                "upperSchemaVersionNew": 3,
                "longRunningTimerIntervalDuration": "3.00:00:00",
                "maximumShortTimerDuration": "6.00:00:00",
                "defaultHttpAsyncRequestSleepTimeMillseconds": 30000,
            }
        )

    def _set_clock(self, now: datetime) -> None:
        self.now, self._timestamp = now, timestamp(now)

    def _add_numbered(self, kind: EventType, **fields: Any) -> int:
        event_id = self._next_id
        self._next_id += 1
        self._add(kind, event_id, **fields)
        return event_id

    def _add(self, kind: EventType, event_id: int = _NO_ID, **fields: Any) -> None:
        common = {"EventType": int(kind), "EventId": event_id, "IsPlayed": False, "Timestamp": self._timestamp}
        self.events.append(common | fields)


def timestamp(time: datetime) -> str:
    """ISO 8601 in UTC with microseconds; a time without zone is UTC."""
    utc = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _opens_episode(event: Event) -> bool:
    return bool(event["EventType"] == EventType.ORCHESTRATOR_STARTED)
