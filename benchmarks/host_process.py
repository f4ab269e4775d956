"""The emulator as a process of its own, and what its log and /proc say of a run."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.ways import Way
from imagectl.local.child_process import ending_with_parent
from imagectl.local.host import last_lines
from imagectl.local.resources import sqlite_connection_string
from imagectl.repository import REPOSITORY

LAST_FUNCTION = "StoreMetadata"

_STARTED = "Host started"
_STAMP = r"^\[(?P<time>[^\]]+)Z\] "
_EXECUTING = re.compile(_STAMP + r"Executing 'Functions\.(?P<function>\w+)' \(.*?, Id=(?P<id>[\w-]+)", re.MULTILINE)
_EXECUTED = re.compile(
    _STAMP + r"Executed 'Functions\.(?P<function>\w+)' \((?P<outcome>\w+), Id=(?P<id>[\w-]+)", re.MULTILINE
)
_START_SECONDS = 60
_STOP_SECONDS = 60
_LOOK_AGAIN_SECONDS = 0.02


@dataclass(frozen=True)
class Invocation:
    """A call of a function that succeeded, in seconds since the epoch, to the millisecond."""

    function: str
    start: float
    end: float


class HostProcess:
    """A host that runs; ``pid`` is that of the process in which the functions run."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.pid = process.pid
        self.started = 0.0
        self._process = process
        self._log = log

    def wait_until_started(self) -> None:
        self._wait(lambda text: _STARTED in text, "the host to start", _START_SECONDS)
        found = re.search(_STAMP + _STARTED, self.log(), re.MULTILINE)
        self.started = _seconds(found["time"]) if found else 0.0

    def wait_until_stored(self, count: int, seconds: float) -> None:
        """Wait until that many uploads have been stored since the host started.

        Raises:
            BenchmarkError: the host ended, or the time is over.
        """
        line = f"Executed 'Functions.{LAST_FUNCTION}' (Succeeded"
        self._wait(lambda text: text.count(line) >= count, f"{count} rows to be stored", seconds)

    def invocations(self) -> list[Invocation]:
        """Every call that succeeded, in the order in which they ended."""
        text = self.log()
        starts = {found["id"]: _seconds(found["time"]) for found in _EXECUTING.finditer(text)}
        return [
            Invocation(found["function"], starts[found["id"]], _seconds(found["time"]))
            for found in _EXECUTED.finditer(text)
            if found["outcome"] == "Succeeded"
        ]

    def url(self) -> str:
        """Where the durable API listens."""
        found = re.search(r"http://127\.0\.0\.1:\d+", self.log())
        return found[0] if found else ""

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def processor_seconds(self) -> float:
        """Processor time of the process so far, its threads included."""
        return processor_seconds(self.pid)

    def resident_bytes(self) -> int:
        return _memory(self.pid, "VmRSS")

    def peak_bytes(self) -> int:
        """The most resident memory since the start, or since `forget_peak`."""
        return _memory(self.pid, "VmHWM")

    def forget_peak(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", "ascii")  # proc(5): resets VmHWM

    def _wait(self, condition: Callable[[str], bool], what: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition(self.log()):
            status = self._process.poll()
            if status is not None or time.monotonic() > deadline:
                found = f"that did not happen within {seconds:.0f} s" if status is None else _ended(status)
                raise BenchmarkError(f"expected {what}, but {found}; the host said last:\n{last_lines(self._log)}")
            time.sleep(_LOOK_AGAIN_SECONDS)


@contextmanager
def running_host(
    way: Way, storage: str, database: Path, log: Path, profile: Path | None = None
) -> Iterator[HostProcess]:
    """Run the emulator with a way's app on a free port, and stop it as Ctrl-C does.

    Args:
        way: whose app and settings.
        storage: connection string of both accounts.
        database: the SQLite file.
        log: what the host prints.
        profile: a JSON file for `profiled_host`; without one there is no profiler.
    """
    module = ["benchmarks.profiled_host", str(profile)] if profile else ["functions_emulator"]
    settings = {
        **way.settings,
        "AzureWebJobsStorage": storage,
        "ImageStorage": storage,
        "SqlConnectionString": sqlite_connection_string(database),
    }
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  # our module
            # A crash of the interpreter shows where it was.
            ending_with_parent([sys.executable, "-X", "faulthandler", "-m", *module, str(way.app), "--port", "0"]),
            cwd=REPOSITORY,
            env=os.environ | settings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches this process first, which stops its children in order
        )
    host = HostProcess(process, log)
    try:
        host.wait_until_started()
        yield host
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ended(status: int) -> str:
    return f"it was killed by {signal.Signals(-status).name}" if status < 0 else f"it ended with status {status}"


def processor_seconds(pid: int) -> float:
    """User and system time of a process so far (proc(5), fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int, field: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    found = re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)
    if found is None:
        raise BenchmarkError(f"expected {field} in /proc/{pid}/status, but it is not there; run this on Linux")
    return int(found[1]) * 1024


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()
