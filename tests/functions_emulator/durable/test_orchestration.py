"""The real replay of deployed orchestrators on a virtual clock: what would take a day takes no time."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.functions as func
import pytest
from durabletask.task import CompletableTask, TimerTask

from functions_emulator.app.directory import load_app
from functions_emulator.durable.actions import (
    Answer,
    CallActivity,
    CreateTimer,
    OrchestratorFailedError,
    Retry,
    check_same,
    read_answer,
)
from functions_emulator.durable.history import History
from functions_emulator.durable.orchestration import Episodes, Orchestration, now
from functions_emulator.worker.worker import Worker
from tests.functions_emulator.durable_app import STRICT
from tests.functions_emulator.fixture_apps import APPS, SETTINGS

START = datetime(2026, 11, 22, 6, 30)  # noqa: DTZ001  # the engine's clock is UTC without a zone
SECOND = timedelta(seconds=1)


class VirtualContext:
    """The engine's context: activities fail at once, timers fire as soon as nothing else is left."""

    def __init__(self) -> None:
        self.current_utc_datetime = START
        self.timers: list[datetime] = []

    def call_activity(self, _name: str, *, input: str) -> CompletableTask[str]:  # noqa: A002  # the engine's name
        assert input
        task: CompletableTask[str] = CompletableTask()
        task.complete('{"reason": "Activity function \'Flaky\' failed:  ValueError: no", "details": ""}')
        return task

    def create_timer(self, fire_at: datetime) -> TimerTask:
        self.timers.append(fire_at)
        self.current_utc_datetime = fire_at.replace(tzinfo=None)
        timer = TimerTask()
        timer.complete(None)
        return timer


def run(replay: Callable[[History], Answer]) -> tuple[VirtualContext, Answer]:
    context: Any = VirtualContext()
    history = History(now(context))
    history.begin("Retrying", "instance", "execution", "null")
    steps = Orchestration(context, history, {"Flaky"}).run(Episodes(replay))
    task = next(steps)
    while True:
        try:
            task = steps.send(task.get_result())
        except StopIteration as end:
            return context, end.value


@pytest.fixture(scope="module")
def retrying() -> Callable[[str], Callable[[History], Answer]]:
    """A replay of the deployed orchestrator with this input."""
    with Worker(load_app(APPS / "durable", SETTINGS | STRICT)) as worker:
        main = worker._functions["Retrying"].main  # noqa: SLF001  # the orchestrator as it is deployed
        yield lambda value: lambda history: read_answer(main(func.OrchestrationContext(history.context("id", value))))


def test_the_wait_doubles_up_to_its_limit_and_57_attempts_take_more_than_a_day(retrying):
    context, answer = run(
        retrying(
            '{"first": 5000, "attempts": 57, "more": '
            '{"backoffCoefficient": 2, "maxRetryIntervalInMilliseconds": 1800000}}'
        )
    )
    moments = [START.replace(tzinfo=UTC), *context.timers]
    waits = [int((later - earlier) / SECOND) for earlier, later in zip(moments, context.timers, strict=False)]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, *[1800] * 47, 0]
    assert context.timers[-1] - moments[0] > timedelta(days=1)
    assert answer.output.startswith("Activity function 'Flaky' failed:  ValueError: no \n ")


def test_without_backoff_every_wait_is_the_first(retrying):
    context, _ = run(retrying('{"first": 250, "attempts": 4}'))
    assert [(timer - START.replace(tzinfo=UTC)) / SECOND for timer in context.timers] == [0.25, 0.5, 0.75, 0.75]


def test_a_backoff_that_overflows_is_capped_at_the_maximum():
    assert Retry(SECOND, 9999, 10.0, timedelta(hours=1)).delay(9998) == timedelta(hours=1)


DOUBLE = CallActivity("Double", "1")


@pytest.mark.parametrize(
    ("now", "message"),
    [
        ((), "is missing in this replay"),
        ((CallActivity("Triple", "1"),), "is a call of 'Triple'"),
        ((CallActivity("Double", "2"),), "is a call of 'Double'"),
        ((CreateTimer(START),), "is a timer at 2026-11-22T06:30:00"),
    ],
)
def test_actions_that_change_between_replays_are_named(now: tuple[Any, ...], message: str):
    with pytest.raises(OrchestratorFailedError, match=message):
        check_same((DOUBLE,), now)


def test_more_actions_and_a_canceled_timer_are_still_the_same_workflow():
    check_same((CreateTimer(START),), (CreateTimer(START, is_canceled=True), DOUBLE))


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{}", '{"actions": []}', '{"actions": [[{}]]}', '{"actions": [[1]]}']
)
def test_an_answer_that_is_no_state_fails_the_orchestration(text: str):
    with pytest.raises(OrchestratorFailedError, match="expected the state of an orchestrator"):
        read_answer(text)


def test_a_custom_status_that_the_extension_refuses_fails_the_orchestration():
    fits, too_long = (json.dumps({"actions": [[]], "customStatus": "x" * size}) for size in (8000, 9000))
    assert read_answer(fits).custom_status == "x" * 8000
    with pytest.raises(OrchestratorFailedError, match="must not exceed 16 KB"):
        read_answer(too_long)
