"""The real ``imagectl`` as a process of its own: its time and memory."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import BenchmarkError
from imagectl.repository import REPOSITORY

# Not getrusage: its peak begins with that of the parent, before this program was loaded.
_CODE = """\
import re, sys
from pathlib import Path
from imagectl.cli import main
try:
    status = main(sys.argv[2:])
finally:
    found = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text("ascii", "replace"))
    Path(sys.argv[1]).write_text(found[1] if found else "0", "ascii")
sys.exit(status)
"""


@dataclass(frozen=True)
class Measured:
    """What a command took: seconds, and the most resident memory in bytes."""

    seconds: float
    peak_bytes: int


def measure(
    arguments: Sequence[str], settings: dict[str, str], *, statuses: Sequence[int] = (0,), cwd: Path = REPOSITORY
) -> Measured:
    """Run a command, its output going nowhere.

    Raises:
        BenchmarkError: it ended with another exit status than those expected.
    """
    with tempfile.TemporaryDirectory() as folder:
        peak = Path(folder) / "peak"
        started = time.perf_counter()
        done = subprocess.run(  # noqa: S603  # our module
            [sys.executable, "-c", _CODE, str(peak), *arguments],
            cwd=cwd,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)} | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - started
        if done.returncode not in statuses:
            raise BenchmarkError(
                f"expected imagectl {' '.join(arguments)} to end with {' or '.join(map(str, statuses))}, but it ended "
                f"with {done.returncode}:\n{done.stderr[-2000:]}"
            )
        return Measured(seconds, 1024 * int(peak.read_text("ascii")))
