"""Wait for what Azure does in its own time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from imagectl.deployment.errors import DeploymentError

_ResultT = TypeVar("_ResultT")


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds, and how often to look; the clock is replaced in tests."""

    seconds: float
    interval: float = 10
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def until(self, look: Callable[[], _ResultT | None], what: str, next_move: str) -> _ResultT:
        """Look until there is something, and say once that it takes time.

        Raises:
            DeploymentError: there was nothing in all that time.
        """
        deadline = self.clock() + self.seconds
        found = look()
        if found is None:
            print(f"Waiting for {what}, for {self.seconds / 60:.0f} minutes at most.", flush=True)
        while found is None:
            if self.clock() >= deadline:
                raise DeploymentError(
                    f"expected {what} within {self.seconds / 60:.0f} minutes, found nothing; {next_move}"
                )
            self.sleep(self.interval)
            found = look()
        return found
