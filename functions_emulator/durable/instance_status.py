"""The status of an instance as the durable HTTP API presents it in JSON."""

from datetime import UTC, datetime
from typing import Any

from functions_emulator.durable.history import Event, EventType
from functions_emulator.durable.instances import Instance

_NAMES = {
    EventType.EXECUTION_STARTED: "ExecutionStarted",
    EventType.EXECUTION_COMPLETED: "ExecutionCompleted",
    EventType.EXECUTION_FAILED: "ExecutionFailed",
    EventType.TASK_COMPLETED: "TaskCompleted",
    EventType.TASK_FAILED: "TaskFailed",
    EventType.TIMER_FIRED: "TimerFired",
}
_OMITTED = {"EventType", "EventId", "IsPlayed", "TaskScheduledId", "TimerId", "Input", "Details", "FailureDetails"}


def instance_json(
    instance: Instance, *, show_input: bool = True, show_history: bool = False, show_output: bool = False
) -> dict[str, Any]:
    """The status of one instance; ``show_output`` includes results in the history."""
    status = {
        "name": instance.name,
        "instanceId": instance.id,
        "runtimeStatus": str(instance.status),
        "input": instance.input if show_input else None,
        "customStatus": instance.custom_status,
        "output": instance.output,
        "createdTime": _seconds(instance.created),
        "lastUpdatedTime": _seconds(instance.updated),
    }
    return status | ({"historyEvents": _history(instance.events, show_output=show_output)} if show_history else {})


def _history(events: list[Event], *, show_output: bool) -> list[dict[str, Any]]:
    """The events that the extension shows; one that completes a task has the task's name and time of scheduling."""
    scheduled = {event["EventId"]: event for event in events if event["EventId"] >= 0}
    return [
        _event(event, scheduled.get(event.get("TaskScheduledId", event.get("TimerId"))), show_output=show_output)
        for event in events
        if event["EventType"] in _NAMES
    ]


def _event(event: Event, scheduled: Event | None, *, show_output: bool) -> dict[str, Any]:
    kept = {name: value for name, value in event.items() if name not in _OMITTED and value is not None}
    if not show_output:
        kept.pop("Result", None)
    if scheduled:
        kept |= {"ScheduledTime": scheduled["Timestamp"]} | (
            {"FunctionName": scheduled["Name"]} if "Name" in scheduled else {}
        )
    return {"EventType": _NAMES[EventType(event["EventType"])], **kept}


def _seconds(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
