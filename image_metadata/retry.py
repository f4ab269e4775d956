"""How often and how long a step is retried, as plain data."""

from datetime import timedelta
from typing import NamedTuple


class RetryPolicy(NamedTuple):
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
