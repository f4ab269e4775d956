"""Runs orchestrations: Microsoft's in-memory durabletask engine, with the deployed functions as its code."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import grpc  # type: ignore[import-untyped]  # grpcio ships no types
from durabletask.client import OrchestrationStatus, TaskHubGrpcClient
from durabletask.task import ActivityContext, OrchestrationContext, Task
from durabletask.worker import ConcurrencyOptions, TaskHubGrpcWorker

from functions_emulator.app.host_json import HostConfig
from functions_emulator.durable.actions import Answer, OrchestratorFailedError
from functions_emulator.durable.backend import CHANNEL_OPTIONS, LoopbackBackend
from functions_emulator.durable.history import EventType, History
from functions_emulator.durable.instances import Instance, Query, Status
from functions_emulator.durable.orchestration import ActivityResult, Episodes, Orchestration, now
from functions_emulator.durable.runner import Runner, StoppingError
from functions_emulator.errors import EmulatorError
from functions_emulator.log_text import one_line

MAX_RUNNING = 200
"""Executions that the engine holds at once; it has a thread for every pending timer. Others wait as Pending."""

_SWEEP_SECONDS = 5
_ORCHESTRATOR = "orchestrate"
_ENDED = [OrchestrationStatus.COMPLETED, OrchestrationStatus.FAILED, OrchestrationStatus.TERMINATED]

_log = logging.getLogger(__name__)
_engine_log = logging.getLogger("durabletask")


class InstanceLiveError(EmulatorError):
    """An instance with this id has not ended; the message is the host's."""


@dataclass(frozen=True)
class _Execution:
    instance: Instance
    episodes: Episodes


class Engine:
    """The instance table, and the engine that moves it.

    Attributes:
        instances: every instance that was started and not purged, by id.
        on_end: called on the event loop with each instance that has ended.
    """

    def __init__(self, config: HostConfig, runner: Runner, *, max_running: int = MAX_RUNNING) -> None:
        self.instances: dict[str, Instance] = {}
        self.on_end: Callable[[Instance], None] = lambda _instance: None
        self._config = config
        self._runner = runner
        self._max_running = max_running
        self._pending: deque[Instance] = deque()
        self._executions: dict[str, _Execution] = {}
        self._room = asyncio.Event()
        self._room.set()

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._backend = LoopbackBackend()
        address = await asyncio.to_thread(self._backend.start)
        self._channels = [grpc.insecure_channel(address, options=CHANNEL_OPTIONS) for _ in range(2)]
        self._client = TaskHubGrpcClient(channel=self._channels[0], logger=_engine_log, emit_trace_spans=False)
        self._worker = self._durable_worker(self._channels[1])
        self._sweeper = asyncio.create_task(self._sweep())

    async def stop(self) -> None:
        """Let running activities finish, then end; instances that have not ended are lost."""
        self._pending.clear()
        await asyncio.to_thread(self._runner.stop)
        self._sweeper.cancel()
        # What it says about work that is cut off is expected now.
        _engine_log.setLevel(logging.CRITICAL)
        await asyncio.to_thread(self._worker.stop)
        for channel in self._channels:
            channel.close()
        await asyncio.to_thread(self._backend.stop)

    async def start_instance(self, name: str, instance_id: str, input_value: Any) -> Instance:
        """Start an orchestration; one with this id that has ended is replaced.

        Raises:
            InstanceLiveError: an instance with this id is running or waits to run.
        """
        existing = self.instances.get(instance_id)
        if existing and existing.status.is_live:
            raise InstanceLiveError("An Orchestration instance with the status Running already exists.")
        instance = Instance(instance_id, name, input_value)
        self.instances[instance_id] = instance
        self._pending.append(instance)
        await self._admit()
        return instance

    async def terminate(self, instance: Instance, reason: str) -> bool:
        """End an instance now; False when it had ended before. A running activity of it finishes unheard."""
        if not self._end(instance, Status.TERMINATED, reason):
            return False
        if instance in self._pending:
            self._pending.remove(instance)
        else:
            await asyncio.to_thread(self._client.terminate_orchestration, instance.execution_id)
        return True

    def purge(self, query: Query) -> int:
        """Forget the instances that have ended and fit; returns how many."""
        ended = [found for found in query.select(self.instances.values()) if not found.status.is_live]
        for instance in ended:
            del self.instances[instance.id]
        return len(ended)

    async def room(self) -> None:
        """Wait until fewer instances run or wait to run than the engine holds at once."""
        await self._room.wait()

    def _durable_worker(self, channel: grpc.Channel) -> TaskHubGrpcWorker:
        activities, orchestrators = self._config.max_concurrent_activities, self._config.max_concurrent_orchestrators
        worker = TaskHubGrpcWorker(
            channel=channel,
            logger=_engine_log,
            emit_trace_spans=False,
            maximum_timer_interval=None,
            concurrency_options=ConcurrencyOptions(
                maximum_concurrent_activity_work_items=activities,
                maximum_concurrent_orchestration_work_items=orchestrators,
                maximum_thread_pool_workers=activities + orchestrators,
            ),
        )
        worker.add_orchestrator(_named(_ORCHESTRATOR, self._orchestrate))
        for name in self._runner.activities:
            worker.add_activity(_named(name, partial(self._attempt, name)))
        worker.start()  # type: ignore[no-untyped-call]  # durabletask leaves it unannotated
        return worker

    async def _admit(self) -> None:
        while self._pending and len(self._executions) < self._max_running:
            instance = self._pending.popleft()
            episodes = Episodes(partial(self._runner.replay, instance))
            self._executions[instance.execution_id] = _Execution(instance, episodes)
            await asyncio.to_thread(
                self._client.schedule_new_orchestration, _ORCHESTRATOR, instance_id=instance.execution_id
            )
        if len(self._executions) + len(self._pending) < self._max_running:
            self._room.set()
        else:
            self._room.clear()

    def _end(self, instance: Instance, status: Status, output: Any) -> bool:
        if not instance.become(status, output):
            return False
        reason = "" if status is Status.COMPLETED else f": {one_line(str(output))}"
        _log.info(f"Orchestration '{instance.name}' {status} (InstanceId={instance.id}){reason}")
        self._executions.pop(instance.execution_id, None)
        instance.archive()
        self._admitting = self._loop.create_task(self._admit())
        self.on_end(instance)
        return True

    async def _sweep(self) -> None:
        """Keep the engine's memory flat: the instance table has what anybody asks about an ended execution."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            await asyncio.to_thread(self._client.purge_orchestrations_by, runtime_status=_ENDED)

    def _orchestrate(self, context: OrchestrationContext, _input: object) -> Generator[Task[Any], Any, None]:
        execution = self._executions.get(context.instance_id)
        if execution is None:
            return
        instance = execution.instance
        history = History(now(context))
        history.begin(instance.name, instance.id, instance.execution_id, json.dumps(instance.input))
        try:
            self._check_known(instance.name)
            answer = yield from Orchestration(context, history, self._runner.activities).run(execution.episodes)
            self._conclude(instance, history, answer)
        except OrchestratorFailedError as error:
            self._conclude(instance, history, Answer((), is_done=False, error=str(error)))
        except StoppingError:
            raise
        except Exception as error:  # noqa: BLE001  # otherwise the instance would be Running for ever
            _log.exception("functions_emulator cannot go on with instance %s", instance.id)
            self._conclude(instance, history, Answer((), is_done=False, error=f"functions_emulator: {error!r}"))

    def _attempt(self, name: str, context: ActivityContext, input_text: str) -> str:
        execution = self._executions.get(context.orchestration_id)
        if execution is None:
            return json.dumps(asdict(ActivityResult(reason="the instance has ended")))
        return json.dumps(asdict(self._runner.attempt(name, execution.instance.id, input_text)))

    def _check_known(self, name: str) -> None:
        if name not in self._runner.orchestrators:
            known = ", ".join(f"'{known}'" for known in sorted(self._runner.orchestrators))
            raise OrchestratorFailedError(
                f"The function '{name}' doesn't exist, is disabled, or is not an orchestrator function. "
                f"Additional info: The following are the known orchestrator functions: {known}."
            )

    def _conclude(self, instance: Instance, history: History, answer: Answer) -> None:
        if answer.error is not None:
            status, output = Status.FAILED, f"Orchestrator function '{instance.name}' failed: {answer.error}"
            history.end(EventType.EXECUTION_FAILED, Reason=output)
        else:
            status, output = Status.COMPLETED, answer.output
            history.end(EventType.EXECUTION_COMPLETED, Result=output)
        instance.history = history.events
        self._loop.call_soon_threadsafe(self._end, instance, status, output)


def _named(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The engine knows a function by its ``__name__``."""

    def named(context: Any, value: Any) -> Any:
        return function(context, value)

    named.__name__ = name
    return named
