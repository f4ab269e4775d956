"""Calls the deployed functions for the engine: from its threads, on the event loop, through the worker."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from functions_emulator.app.bindings import ACTIVITY_TRIGGER, ORCHESTRATION_TRIGGER
from functions_emulator.app.directory import App, FunctionDefinition
from functions_emulator.durable.actions import Answer, read_answer, read_failure
from functions_emulator.durable.history import History
from functions_emulator.durable.instances import Instance, Status
from functions_emulator.durable.orchestration import ActivityResult
from functions_emulator.errors import EmulatorError, FunctionFailedError
from functions_emulator.text import sanitize
from functions_emulator.worker.sdk import Datum
from functions_emulator.worker.worker import Worker

_HOST_EXCEPTION = "Microsoft.Azure.WebJobs.Host.FunctionInvocationException"
_RPC_EXCEPTION = "Microsoft.Azure.WebJobs.Script.Workers.Rpc.RpcException"


class StoppingError(EmulatorError):
    """The host is stopping and starts no more functions; its orchestrations end with it, and their triggers resume."""


class Runner:
    """Replays orchestrators and runs activities; created on the event loop that the functions run on.

    Args:
        twice: run every activity twice, as Azure may: it delivers at least once.
    """

    def __init__(self, app: App, worker: Worker, *, twice: bool = False) -> None:
        self.activities = _functions(app, ACTIVITY_TRIGGER)
        self.orchestrators = _functions(app, ORCHESTRATION_TRIGGER)
        self._worker = worker
        self._times = 2 if twice else 1
        self.is_stopping = False
        self._loop = asyncio.get_running_loop()
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
                return _failed_activity(name, error)
        return ActivityResult(None if returned is None or returned.value == "null" else returned.value)

    def stop(self) -> None:
        """Start no more functions and wait for the running activities; blocks, so never call it on the event loop."""
        with self._changed:
            self.is_stopping = True
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
        if self.is_stopping:
            raise StoppingError
        inputs = {function.trigger.name: Datum(text, "string")}
        return self._worker.invoke_blocking(function.name, inputs, instance_id=instance_id, loop=self._loop)


def _functions(app: App, trigger: str) -> dict[str, FunctionDefinition]:
    return {
        name: function
        for name, function in app.functions.items()
        if function.trigger.type == trigger and not function.is_disabled
    }


def _failed_activity(name: str, error: FunctionFailedError) -> ActivityResult:
    """Reason and Details as the Durable extension writes them; Details is the .NET exception as Newtonsoft dumps it."""
    message = sanitize(str(error))
    remote = {
        "ClassName": _RPC_EXCEPTION,
        "Message": f"Result: Failure\nException: {message}\nStack: {error.stack}",
        "Data": None,
        "InnerException": None,
        "RemoteStackTrace": error.stack,
        "RemoteMessage": message,
        "IsUserException": True,
    }
    details = {
        "ClassName": _HOST_EXCEPTION,
        "Message": f"Exception while executing function: Functions.{name}",
        "Data": None,
        "InnerException": remote,
        "HelpURL": None,
        "StackTraceString": None,
        "RemoteStackTraceString": None,
        "HResult": -2146233088,
        "Source": "System.Private.CoreLib",
    }
    return ActivityResult(reason=f"Activity function '{name}' failed:  {message}", details=json.dumps(details))
