"""Calls the deployed functions for the engine: from its threads, on the event loop, through the worker."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from functions_emulator.app.bindings import ACTIVITY_TRIGGER, ORCHESTRATION_TRIGGER
from functions_emulator.app.directory import App, FunctionDefinition
from functions_emulator.durable.actions import Answer, read_answer, read_failure
from functions_emulator.durable.activity_failure import failed_activity
from functions_emulator.durable.history import History
from functions_emulator.durable.instances import Instance, Status
from functions_emulator.durable.orchestration import ActivityResult
from functions_emulator.errors import EmulatorError, FunctionFailedError
from functions_emulator.worker.sdk import Datum
from functions_emulator.worker.worker import Worker

_ResultT = TypeVar("_ResultT")


class StoppingError(EmulatorError):
    """The host takes no more work; what the engine holds is lost with it."""


class Runner:
    """Replays orchestrators and runs activities. Made on the event loop that the functions run on.

    Args:
        twice: run every activity twice, which Azure may do: activities are at-least-once.
    """

    def __init__(self, app: App, worker: Worker, *, twice: bool = False) -> None:
        self.activities = _functions(app, ACTIVITY_TRIGGER)
        self.orchestrators = _functions(app, ORCHESTRATION_TRIGGER)
        self._worker = worker
        self._times = 2 if twice else 1
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        self._active = 0
        self._changed = threading.Condition()

    def replay(self, instance: Instance, history: History) -> Answer:
        """The orchestrator's answer to this history; raises OrchestratorFailedError, or StoppingError."""
        instance.history = history.events
        if instance.status is Status.PENDING:
            instance.become(Status.RUNNING)
        try:
            answered = self._call(
                self.orchestrators[instance.name], instance.id, history.context(instance.id, instance.input)
            )
            answer = read_answer(answered.value if answered else "")
        except FunctionFailedError as error:
            answer = read_failure(error)
        if answer.custom_status is not None:
            instance.custom_status = answer.custom_status
        return answer

    def attempt(self, name: str, instance_id: str, input_text: str) -> ActivityResult:
        """Run an activity; its failure is a result. Raises StoppingError."""
        with self._counted():
            try:
                for _ in range(self._times):
                    returned = self._call(self.activities[name], instance_id, input_text)
            except FunctionFailedError as error:
                return failed_activity(name, error)
        return ActivityResult(None if returned is None or returned.value == "null" else returned.value)

    def stop(self) -> None:
        """Begin no more calls and wait until the running activities have finished. Not for the event loop."""
        with self._changed:
            self._stopping = True
            self._changed.wait_for(lambda: self._active == 0)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._changed:
            self._active += 1
        try:
            yield
        finally:
            with self._changed:
                self._active -= 1
                self._changed.notify_all()

    def _call(self, function: FunctionDefinition, instance_id: str, text: str) -> Datum | None:
        inputs = {function.trigger.name: Datum(text, "string")}
        return self._on_loop(self._worker.invoke(function.name, inputs, instance_id=instance_id))

    def _on_loop(self, coroutine: Coroutine[Any, Any, _ResultT]) -> _ResultT:
        if self._stopping:
            coroutine.close()
            raise StoppingError
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()


def _functions(app: App, trigger: str) -> dict[str, FunctionDefinition]:
    return {name: function for name, function in app.functions.items() if function.trigger.type == trigger}
