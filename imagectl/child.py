"""What a child process gets that must not outlive the one who started it."""

import ctypes
import signal
import sys
from collections.abc import Callable


def end_with_parent() -> Callable[[], None] | None:
    """For ``Popen(preexec_fn=…)``: Linux then interrupts the child when its parent is killed.

    None where the system has no such thing. Only for a process in which no other thread runs yet.
    """
    if sys.platform != "linux":
        return None
    # Looked up here, as little as possible may happen between fork and exec.
    prctl, set_parent_death_signal = ctypes.CDLL(None).prctl, 1
    return lambda: prctl(set_parent_death_signal, signal.SIGINT)
