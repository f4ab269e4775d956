"""The emulator under a sampling profiler: ``python -m benchmarks.profiled_host FILE.json APP [OPTIONS]``.

It looks at every thread several times a millisecond, and adds the processor time that the thread has used since the
last look to the package whose code it runs. FILE.json gets the seconds of each package.
"""

import gc
import json
import sys
import sysconfig
import threading
import time
from collections import defaultdict
from functools import cache
from pathlib import Path
from types import FrameType

from functions_emulator.__main__ import main as run_emulator
from imagectl.repository import REPOSITORY

_INTERVAL_SECONDS = 0.0003
_SITE_PACKAGES = Path(sysconfig.get_path("purelib"))
IMPORTS = "imports"
_STANDARD_LIBRARY = "asyncio and other modules of Python"


class Profiler:
    """Samples until `stop`."""

    def __init__(self) -> None:
        self.packages: defaultdict[str, float] = defaultdict(float)
        self._used: dict[int, float] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        # How long a thread may keep the interpreter from the profiler; longer, and short calls would be missed.
        sys.setswitchinterval(_INTERVAL_SECONDS)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(_INTERVAL_SECONDS):
            # Python 3.11 may collect garbage while it makes the object of a frame. A finalizer then lets the frame's
            # thread go on, the frame ends, and the object is written into memory that is used for something else.
            gc.disable()
            try:
                self._look_at_all()
            finally:
                gc.enable()

    def _look_at_all(self) -> None:
        frames = sys._current_frames()  # noqa: SLF001  # the documented way to see other threads
        for thread in threading.enumerate():
            if thread is not self._thread and thread.ident in frames and thread.native_id is not None:
                self._look(thread.native_id, frames[thread.ident])

    def _look(self, thread: int, frame: FrameType) -> None:
        try:
            used = time.clock_gettime(_processor_clock(thread))
        except OSError:  # it has ended
            return
        seconds = used - self._used.get(thread, used)
        self._used[thread] = used
        if seconds:
            self.packages[package_of(frame)] += seconds


def _processor_clock(thread: int) -> int:
    """Linux's identifier of a thread's clock; `time.pthread_getcpuclockid` may crash on a thread that has ended."""
    return ~thread << 3 | 6


def package_of(frame: FrameType) -> str:
    """The package that a thread works for: of the innermost frame that is not in the standard library."""
    package = ""
    current: FrameType | None = frame
    while current is not None:
        file = current.f_code.co_filename
        if file.startswith("<frozen importlib"):
            return IMPORTS
        package = package or _package(Path(file))
        current = current.f_back
    return package or _STANDARD_LIBRARY


@cache
def _package(file: Path) -> str:
    root = next((root for root in (_SITE_PACKAGES, REPOSITORY) if file.is_relative_to(root)), None)
    if root is None:
        return ""
    parts = file.relative_to(root).with_suffix("").parts
    depth = {"azure": 3 if "storage" in parts else 2, "image_metadata": 2}.get(parts[0], 1)
    return ".".join(parts[:depth])


def main(file: str, *arguments: str) -> int:
    """Run the emulator; returns its exit status."""
    profiler = Profiler()
    profiler.start()
    try:
        return run_emulator(arguments)
    finally:
        profiler.stop()
        Path(file).write_text(json.dumps(profiler.packages), "utf-8")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
