"""Poll Azure until something is there, with a deadline."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from imagectl.deployment.errors import DeploymentError

_ResultT = TypeVar("_ResultT")


@dataclass(frozen=True)
class Polling:
    """Deadline and interval, in seconds; tests replace the clock."""

    seconds: float
    interval: float = 10
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def until(self, look: Callable[[], _ResultT | None], what: str, next_move: str) -> _ResultT:
        """Call ``look`` until it returns something other than None, and announce a wait once.

        Raises:
            DeploymentError: the deadline passed.
        """
        minutes = f"{self.seconds / 60:.0f} minutes"
        deadline = self.clock() + self.seconds
        result = look()
        if result is None:
            print(f"Waiting for {what} (up to {minutes}).", flush=True)
        while result is None:
            if self.clock() >= deadline:
                raise DeploymentError(f"expected {what} within {minutes}, found nothing; {next_move}")
            self.sleep(self.interval)
            result = look()
        return result
