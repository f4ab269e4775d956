"""Connecting one thread at a time, so that a database that does not answer holds up one thread and no more.

The activities of a Functions instance share a few threads: with every store waiting for a connection that does not
come, no image would be extracted either.
"""

import threading
import time
from collections.abc import Callable
from types import TracebackType

from image_metadata.errors import TransientDatabaseError

_WAIT_LIMIT_SECONDS = 5.0


class ConnectGate:
    """A block for one thread at a time; the others wait, until that thread has been in it for the wait limit."""

    def __init__(self, wait_limit: float = _WAIT_LIMIT_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._wait_limit = wait_limit
        self._clock = clock
        self._entered_at: float | None = None
        self._left = threading.Condition()

    def __enter__(self) -> None:
        """Enter the block.

        Raises:
            TransientDatabaseError: another thread has been in it for ``wait_limit`` seconds.
        """
        with self._left:
            while self._entered_at is not None:
                remaining = self._entered_at + self._wait_limit - self._clock()
                if remaining <= 0:
                    raise TransientDatabaseError(
                        f"expected the database to answer, found that another thread of this process has waited for a "
                        f"connection for over {self._wait_limit:g} s; it is retried, check the server and its firewall"
                    )
                self._left.wait(remaining)
            self._entered_at = self._clock()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._left:
            self._entered_at = None
            self._left.notify_all()
