"""The rows of the instance table: what the status API knows about every orchestration."""

import json
import uuid
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from functions_emulator.durable.history import Event


class Status(StrEnum):
    """The runtime states of an instance; the extension has more, which never occur here."""

    PENDING = "Pending"
    RUNNING = "Running"
    COMPLETED = "Completed"
    FAILED = "Failed"
    TERMINATED = "Terminated"

    @property
    def is_live(self) -> bool:
        return self in (Status.PENDING, Status.RUNNING)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Instance:
    """One execution of an orchestrator. ``input``, ``output`` and ``custom_status`` are JSON values."""

    id: str
    name: str
    input: Any = None
    execution_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    status: Status = Status.PENDING
    created: datetime = field(default_factory=_now)
    updated: datetime = field(default_factory=_now)
    output: Any = None
    custom_status: Any = None
    history: list[Event] = field(default_factory=list)
    _archive: bytes = b""

    @property
    def events(self) -> list[Event]:
        """The history, also after ``archive``."""
        archived: list[Event] = json.loads(zlib.decompress(self._archive)) if self._archive else self.history
        return archived

    def archive(self) -> None:
        """Compress the history of an instance that has ended, as there may be a hundred thousand of them."""
        self._archive, self.history = zlib.compress(json.dumps(self.history).encode()), []

    def become(self, status: Status, output: Any = None) -> bool:
        """Change the state; False when the instance had ended before."""
        if not self.status.is_live:
            return False
        self.status, self.output, self.updated = status, output, _now()
        return True


@dataclass(frozen=True)
class Query:
    """Selects instances that meet all of the given conditions. Times are inclusive."""

    created_from: datetime | None = None
    created_to: datetime | None = None
    statuses: frozenset[str] = frozenset()
    id_prefix: str = ""

    def select(self, instances: Iterable[Instance]) -> Iterable[Instance]:
        return (instance for instance in instances if self._fits(instance))

    def _fits(self, instance: Instance) -> bool:
        return (
            (self.created_from is None or instance.created >= self.created_from)
            and (self.created_to is None or instance.created <= self.created_to)
            and (not self.statuses or instance.status in self.statuses)
            and instance.id.startswith(self.id_prefix)
        )
