"""One orchestration on the durabletask engine, which does what each replay of the deployed orchestrator asks for."""

import json
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from durabletask.task import OrchestrationContext, Task, when_any

from functions_emulator.durable.actions import (
    Action,
    Answer,
    CallActivity,
    CreateTimer,
    OrchestratorFailedError,
    check_same,
)
from functions_emulator.durable.history import History

Steps: TypeAlias = Generator[Task[Any], Any, Answer]
Replay: TypeAlias = Callable[[History], Answer]


@dataclass(frozen=True)
class ActivityResult:
    """The outcome of one attempt of an activity: its result as JSON text, or reason and details of its failure."""

    result: str | None = None
    reason: str | None = None
    details: str = ""


class Episodes:
    """The orchestrator's answers so far.

    The engine runs its own code from the start for every event; the deployed orchestrator is replayed once an episode.
    """

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._counts: list[int] = []
        self._last = Answer((), is_done=False)

    def answer(self, episode: int, history: History) -> Answer:
        """The orchestrator's answer in this episode."""
        if episode == len(self._counts):
            answer = self._replay(history)
            check_same(self._last.actions, answer.actions)
            self._last = answer
            self._counts.append(len(answer.actions))
        if episode == len(self._counts) - 1:
            return self._last
        return Answer(self._last.actions[: self._counts[episode]], is_done=False)


@dataclass(frozen=True)
class _Attempt:
    id: int
    call: CallActivity
    failures: int = 0


@dataclass(frozen=True)
class _Timer:
    """``retried`` is the attempt that failed, when the timer is the wait before the next one."""

    id: int
    fire_at: datetime
    retried: _Attempt | None = None


class Orchestration:
    """Schedules what the orchestrator asks for, and records the history from which it is replayed."""

    def __init__(self, context: OrchestrationContext, history: History, activities: Collection[str]) -> None:
        self.history = history
        self._context = context
        self._activities = activities
        self._waiting: dict[Task[Any], _Attempt | _Timer] = {}

    def run(self, episodes: Episodes) -> Steps:
        """Return the last answer; raises OrchestratorFailedError when the orchestrator cannot continue."""
        episode = scheduled = 0
        while True:
            answer = episodes.answer(episode, self.history)
            for action in answer.actions[scheduled:]:
                self._schedule(action)
            scheduled = len(answer.actions)
            if answer.is_done or answer.error is not None:
                return answer
            self._drop_canceled_timers(answer.actions)
            if not self._waiting:
                raise OrchestratorFailedError("the orchestrator is not done and awaits nothing; yield a durable task")
            done = yield when_any(list(self._waiting))
            self.history.next_episode(now(self._context))
            self._record(self._waiting.pop(done), done)
            episode += 1

    def _schedule(self, action: Action) -> None:
        match action:
            case CallActivity():
                self._attempt(_Attempt(-1, action))
            case CreateTimer(fire_at=fire_at):
                self._wait_until(fire_at)

    def _attempt(self, attempt: _Attempt) -> None:
        name = attempt.call.name
        if name not in self._activities:
            known = ", ".join(f"'{activity}'" for activity in sorted(self._activities))
            raise OrchestratorFailedError(
                f"The function '{name}' doesn't exist, is disabled, or is not an activity function. "
                f"Additional info: The following are the known activity functions: {known}."
            )
        attempt = replace(attempt, id=self.history.task_scheduled(name))
        self._waiting[self._context.call_activity(name, input=attempt.call.input)] = attempt

    def _wait_until(self, fire_at: datetime, retried: _Attempt | None = None) -> None:
        timer = _Timer(self.history.timer_created(fire_at), fire_at, retried)
        self._waiting[self._context.create_timer(fire_at)] = timer

    def _record(self, waited: _Attempt | _Timer, done: Task[Any]) -> None:
        match waited:
            case _Timer(retried=retried):
                self.history.timer_fired(waited.id, waited.fire_at)
                retry = retried.call.retry if retried else None
                if retried and retry and retried.failures < retry.max_attempts:
                    self._attempt(retried)
            case _Attempt():
                self._record_result(waited, ActivityResult(**json.loads(done.get_result())))

    def _record_result(self, attempt: _Attempt, result: ActivityResult) -> None:
        if result.reason is None:
            self.history.task_completed(attempt.id, result.result)
            return
        self.history.task_failed(attempt.id, result.reason, result.details)
        if attempt.call.retry:
            failed = replace(attempt, failures=attempt.failures + 1)
            self._wait_until(self.history.now + attempt.call.retry.delay(failed.failures), failed)

    def _drop_canceled_timers(self, actions: Sequence[Action]) -> None:
        canceled = {action.fire_at for action in actions if isinstance(action, CreateTimer) and action.is_canceled}
        self._waiting = {
            task: waited
            for task, waited in self._waiting.items()
            if not (isinstance(waited, _Timer) and waited.retried is None and waited.fire_at in canceled)
        }


def now(context: OrchestrationContext) -> datetime:
    """The engine's clock: UTC, the same in every replay."""
    return context.current_utc_datetime.replace(tzinfo=UTC)
