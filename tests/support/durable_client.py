"""A durable client that starts nothing: it notes what it is asked to start."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any


@dataclass
class FakeDurableClient:
    """The host's instances, and how it takes a start.

    Attributes:
        statuses: runtime status and output of each instance that exists.
        starting: called before each start; it may raise.
        started: function, instance id and input of each start.
        asked: the instances that were looked up.
    """

    statuses: dict[str, tuple[str, Any]] = field(default_factory=dict)
    starting: Callable[["FakeDurableClient"], Any] | None = None
    started: list[tuple[str, str | None, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def get_status(self, instance_id: str) -> Any:
        self.asked.append(instance_id)
        name, output = self.statuses.get(instance_id, (None, None))
        return SimpleNamespace(runtime_status=name and SimpleNamespace(value=name), output=output)

    async def start_new(self, orchestration_function_name: str, instance_id: str | None, client_input: Any) -> str:
        if self.starting:
            self.starting(self)
        if self.statuses.get(str(instance_id), ("",))[0] in {"Pending", "Running"}:
            raise Exception({"Message": "An Orchestration instance with the status Running already exists."})  # noqa: TRY002  # as the SDK does
        self.started.append((orchestration_function_name, instance_id, client_input))
        return str(instance_id)
