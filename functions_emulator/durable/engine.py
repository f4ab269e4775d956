"""Runs orchestrations on Microsoft's in-memory durabletask engine, with the deployed functions as its code."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from durabletask.client import OrchestrationStatus, TaskHubGrpcClient
from durabletask.grpc_options import GrpcWorkerResiliencyOptions
from durabletask.task import ActivityContext, OrchestrationContext, Task
from durabletask.testing import InMemoryOrchestrationBackend
from durabletask.worker import ConcurrencyOptions, TaskHubGrpcWorker

from functions_emulator.app.host_json import HostConfig
from functions_emulator.durable.actions import Answer, OrchestratorFailedError
from functions_emulator.durable.backend import InProcessChannel
from functions_emulator.durable.history import EventType, History
from functions_emulator.durable.instances import Instance, Query, Status
from functions_emulator.durable.orchestration import ActivityResult, Episodes, Orchestration, now
from functions_emulator.durable.runner import Runner, StoppingError
from functions_emulator.errors import EmulatorError
from functions_emulator.text import one_line

MAX_RUNNING = 200
"""Executions in the engine at once, as it needs a thread for every pending timer. Others stay Pending."""

_SWEEP_SECONDS = 5
_ORCHESTRATOR = "orchestrate"
_ENDED = [OrchestrationStatus.COMPLETED, OrchestrationStatus.FAILED, OrchestrationStatus.TERMINATED]

_log = logging.getLogger(__name__)
_engine_log = logging.getLogger("durabletask")


class InstanceLiveError(EmulatorError):
    """An instance with this id is live; the message is the host's."""


@dataclass(frozen=True)
class _Execution:
    instance: Instance
    episodes: Episodes


class Engine:
    """The instance table and the engine that runs its instances.

    Attributes:
        instances: every instance that was started and not purged, by id.
        on_end: called on the event loop, each with every instance that ends.
    """

    def __init__(self, config: HostConfig, runner: Runner, *, max_running: int = MAX_RUNNING) -> None:
        self.instances: dict[str, Instance] = {}
        self.on_end: list[Callable[[Instance], None]] = []
        self._config = config
        self._runner = runner
        self._max_running = max_running
        self._pending: deque[Instance] = deque()
        self._executions: dict[str, _Execution] = {}
        self._capacity = asyncio.Event()
        self._capacity.set()

    async def start(self) -> None:
        """Start the engine's worker."""
        self._loop = asyncio.get_running_loop()
        self._backend = InMemoryOrchestrationBackend()
        channel = InProcessChannel(self._backend)
        self._client = TaskHubGrpcClient(channel=channel, logger=_engine_log, emit_trace_spans=False)
        self._worker = self._durable_worker(channel)
        self._sweeper = asyncio.create_task(self._sweep())

    async def stop(self) -> None:
        """Let running activities finish, then end. Live instances stay live, and are lost with the process."""
        self._pending.clear()
        await asyncio.to_thread(self._runner.stop)
        self._sweeper.cancel()
        # It reports work that is cut off here, as intended.
        _engine_log.setLevel(logging.CRITICAL)
        await asyncio.to_thread(self._worker.stop)
        self._backend.stop()

    async def start_instance(self, name: str, instance_id: str, input_value: Any) -> Instance:
        """Start an orchestration, replacing an ended one with this id.

        Raises:
            InstanceLiveError: an instance with this id is pending or running.
        """
        existing = self.instances.get(instance_id)
        if existing and existing.status.is_live:
            raise InstanceLiveError("An Orchestration instance with the status Running already exists.")
        instance = Instance(instance_id, name, input_value)
        self.instances[instance_id] = instance
        self._pending.append(instance)
        self._admit()
        return instance

    async def terminate(self, instance: Instance, reason: str) -> bool:
        """End an instance now; False when it had ended before. The result of an activity that still runs is dropped."""
        if not self._end(instance, Status.TERMINATED, reason):
            return False
        if instance in self._pending:
            self._pending.remove(instance)
        else:
            await asyncio.to_thread(self._client.terminate_orchestration, instance.execution_id)
        return True

    def purge(self, query: Query) -> int:
        """Remove the ended instances that the query selects; returns how many."""
        selected = query.select(self.instances.values())
        ended = [instance for instance in selected if not instance.status.is_live]
        for instance in ended:
            del self.instances[instance.id]
        return len(ended)

    async def wait_for_capacity(self) -> None:
        """Return once fewer than ``max_running`` instances are live."""
        await self._capacity.wait()

    def _durable_worker(self, channel: InProcessChannel) -> TaskHubGrpcWorker:
        activities, orchestrators = self._config.max_concurrent_activities, self._config.max_concurrent_orchestrators
        worker = TaskHubGrpcWorker(
            channel=channel,
            logger=_engine_log,
            emit_trace_spans=False,
            maximum_timer_interval=None,
            # The worker would connect again after two minutes without work; this channel cannot be disconnected.
            resiliency_options=GrpcWorkerResiliencyOptions(silent_disconnect_timeout_seconds=0),
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

    def _admit(self) -> None:
        while self._pending and len(self._executions) < self._max_running:
            instance = self._pending.popleft()
            episodes = Episodes(partial(self._runner.replay, instance))
            self._executions[instance.execution_id] = _Execution(instance, episodes)
            self._client.schedule_new_orchestration(_ORCHESTRATOR, instance_id=instance.execution_id)
        if len(self._executions) + len(self._pending) < self._max_running:
            self._capacity.set()
        else:
            self._capacity.clear()

    def _end(self, instance: Instance, status: Status, output: Any) -> bool:
        if not instance.become(status, output):
            return False
        reason = "" if status is Status.COMPLETED else f": {one_line(str(output))}"
        _log.info(f"Orchestration '{instance.name}' {status} (InstanceId={instance.id}){reason}")
        self._executions.pop(instance.execution_id, None)
        instance.archive()
        for notify in self.on_end:
            notify(instance)
        self._admit()
        return True

    async def _sweep(self) -> None:
        """Keep the engine's memory flat: the instance table holds what can be asked about an ended execution."""
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
        except OrchestratorFailedError as error:
            answer = Answer((), is_done=False, error=str(error))
        except Exception as error:
            if self._runner.is_stopping:
                # Whatever the engine makes of work that was cut off: the instance is left to its trigger to resume.
                raise StoppingError from error
            _log.exception("functions_emulator cannot continue instance %s", instance.id)
            answer = Answer((), is_done=False, error=f"functions_emulator: {error!r}")
        self._conclude(instance, history, answer)

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
    """``function`` under a name: the engine registers functions by their ``__name__``."""

    def named(context: Any, value: Any) -> Any:
        return function(context, value)

    named.__name__ = name
    return named
