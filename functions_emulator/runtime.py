"""What every trigger's listener works with: the loaded functions, the engine, and the durable clients."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from functions_emulator.app.directory import App
from functions_emulator.app.function_json import FunctionDefinition
from functions_emulator.durable.client_binding import ClientBindings
from functions_emulator.durable.engine import Engine
from functions_emulator.worker.sdk import Datum
from functions_emulator.worker.worker import Worker


@dataclass(frozen=True)
class Runtime:
    """The running parts of one host.

    Attributes:
        twice: deliver everything twice, as Azure may.
        message_lease: seconds for which a received message is hidden at first.
    """

    app: App
    worker: Worker
    engine: Engine
    clients: ClientBindings
    twice: bool = False
    message_lease: float = 60.0

    async def invoke(
        self,
        function: FunctionDefinition,
        trigger_input: Datum,
        trigger_metadata: Mapping[str, Datum] | None = None,
        *,
        reason: str,
        details: str | None = None,
    ) -> set[str]:
        """Call a triggered function, twice if everything is; returns the instances that it started or looked at.

        Raises:
            FunctionFailedError: the invocation failed.
        """
        with self.clients.bind() as client:
            inputs = {function.trigger.name: trigger_input, **client.inputs(function)}
            for _ in range(2 if self.twice else 1):
                await self.worker.invoke(function.name, inputs, trigger_metadata, reason=reason, details=details)
            return client.instance_ids


CALLED_BY_HAND = "This function was programmatically called via the host APIs."
"""The host's reason for an invocation by ``POST /admin/functions/NAME``."""


class Listener(Protocol):
    """Waits for what triggers one function, and calls it."""

    async def run(self) -> None:
        """Listen until canceled."""

    def run_now(self, text: str) -> bool:
        """Begin an invocation by hand, with ``text`` for what triggers it; False when the trigger has no such thing."""

    async def stop(self) -> None:
        """Wait for the invocations that run; no others begin."""

    async def close(self) -> None:
        """Leave storage as the next start expects it. The engine has stopped by now."""
