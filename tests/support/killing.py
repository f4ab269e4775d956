"""SIGKILL at a named place, once: the place is the content of a file that the test writes."""

import os
import signal
from pathlib import Path

VARIABLE = "KILL_AT_FILE"


def reach(place: str) -> None:
    """End this process without any tidying up, if the file names this place; the file is removed first."""
    order = Path(os.environ[VARIABLE])
    if order.exists() and order.read_text("utf-8") == place:
        order.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
