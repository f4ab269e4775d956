"""How often and how long a step is retried, as plain data."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Exponential backoff.

    Attributes:
        initial_interval: wait after the first failure.
        max_interval: longest wait between two attempts.
        max_attempts: number of attempts, the first one included.
        backoff: factor by which each wait is longer than the one before.
    """

    initial_interval: timedelta
    max_interval: timedelta
    max_attempts: int
    backoff: float = 2.0
