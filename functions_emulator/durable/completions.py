"""Waits for the instances of an invocation, as the emulator keeps none across a restart.

A listener marks an event as processed only when they have ended; the others it takes up again at the next start.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from functions_emulator.durable.engine import Engine
from functions_emulator.durable.instances import Instance, Status


@dataclass(eq=False)
class _Waiting:
    instance_ids: set[str]
    call: Callable[[], None]


class Completions:
    """Calls back once every instance of an invocation has reached one of the ``final`` states."""

    def __init__(self, engine: Engine, final: Collection[Status]) -> None:
        self._engine = engine
        self._final = final
        self._waiting: dict[str, list[_Waiting]] = {}
        engine.on_end.append(self._ended)

    def when_all(self, instance_ids: Iterable[str], call: Callable[[], None]) -> None:
        """Call ``call`` when all these instances are final; one that does not exist does not count."""
        instances = filter(None, map(self._engine.instances.get, instance_ids))
        waiting = _Waiting({one.id for one in instances if one.status not in self._final}, call)
        for instance_id in waiting.instance_ids:
            self._waiting.setdefault(instance_id, []).append(waiting)
        if not waiting.instance_ids:
            call()

    def _ended(self, instance: Instance) -> None:
        # One that failed may be started again and complete then.
        if instance.status not in self._final:
            return
        for waiting in self._waiting.pop(instance.id, []):
            waiting.instance_ids.discard(instance.id)
            if not waiting.instance_ids:
                waiting.call()
