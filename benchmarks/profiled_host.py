"""The emulator under a sampling profiler: ``python -m benchmarks.profiled_host FILE.json APP [OPTIONS]``.

It looks at every thread several times a millisecond, and adds the processor time that the thread has used since the
last look to the package whose code it runs. FILE.json gets the seconds of each package, and of each function.
"""

import json
import sys
import sysconfig
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType

from functions_emulator.__main__ import main as run_emulator
from imagectl.repository import REPOSITORY

_INTERVAL_SECONDS = 0.0003
_SITE_PACKAGES = Path(sysconfig.get_path("purelib"))
_IMPORTS = "imports"
_STANDARD_LIBRARY = "asyncio and other modules of Python"


class Profiler:
    """Samples until `stop`."""

    def __init__(self) -> None:
        self.packages: defaultdict[str, float] = defaultdict(float)
        self.functions: defaultdict[str, float] = defaultdict(float)
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
            for thread, frame in sys._current_frames().items():  # noqa: SLF001  # the documented way to see other threads
                if thread != threading.get_ident():
                    self._look(thread, frame)

    def _look(self, thread: int, frame: FrameType) -> None:
        try:
            used = time.clock_gettime(time.pthread_getcpuclockid(thread))
        except OSError:  # it has ended
            return
        seconds = used - self._used.get(thread, used)
        self._used[thread] = used
        if seconds:
            package, function = _place(frame)
            self.packages[package] += seconds
            self.functions[function] += seconds


def _place(frame: FrameType) -> tuple[str, str]:
    """The package that a thread works for: of the innermost frame that is not in the standard library."""
    current: FrameType | None = frame
    while current is not None:
        if current.f_code.co_filename.startswith("<frozen importlib"):
            return _IMPORTS, _IMPORTS
        file = Path(current.f_code.co_filename)
        for root in (_SITE_PACKAGES, REPOSITORY):
            if file.is_relative_to(root):
                parts = file.relative_to(root).parts
                return _package(parts), f"{'.'.join(parts)}:{current.f_code.co_qualname}"
        current = current.f_back
    return _STANDARD_LIBRARY, f"{Path(frame.f_code.co_filename).name}:{frame.f_code.co_qualname}"


def _package(parts: tuple[str, ...]) -> str:
    depth = {"azure": 3 if parts[1] == "storage" else 2, "image_metadata": 2}.get(parts[0], 1)
    return ".".join(part.removesuffix(".py") for part in parts[:depth])


def main(file: str, *arguments: str) -> int:
    """Run the emulator; returns its exit status."""
    profiler = Profiler()
    profiler.start()
    try:
        return run_emulator(arguments)
    finally:
        profiler.stop()
        found = {"packages": profiler.packages, "functions": profiler.functions}
        Path(file).write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
