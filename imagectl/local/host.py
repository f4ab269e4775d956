"""The functions host as a child process: Core Tools' ``func``, or the emulator."""

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

from imagectl.errors import UnreachableError
from imagectl.local.child_process import ending_with_parent
from imagectl.repository import REPOSITORY

FUNC = "func"
EMULATOR = "emulator"
HOST_VARIABLE = "FUNCTIONS_HOST"

_START_SECONDS = 120  # Core Tools downloads the extension bundle on its first start
_STOP_SECONDS = 30  # running activities finish
_LOOK_AGAIN_SECONDS = 0.05
_LAST_LINES = 10
_FREE_PORTS = range(20_000, 32_000)
_PORTS_A_PROCESS = 100

_ports_tried = itertools.count()


class FunctionsHostError(UnreachableError):
    """The functions host is not installed, did not start, or exited by itself."""


def choose_host(requested: str | None) -> str:
    """The requested host; without a request ``func`` where it is on the PATH, else the emulator.

    Raises:
        FunctionsHostError: ``func`` is requested and not installed, or the request is neither of the two.
    """
    if not requested:
        return FUNC if shutil.which(FUNC) else EMULATOR
    if requested not in {FUNC, EMULATOR}:
        raise FunctionsHostError(
            f"expected {HOST_VARIABLE} to be {FUNC} or {EMULATOR}, found {requested!r}; set one of the two"
        )
    if requested == FUNC and not shutil.which(FUNC):
        raise FunctionsHostError(
            "expected func on the PATH, but it is not; install Azure Functions Core Tools 4, "
            f"or set {HOST_VARIABLE}={EMULATOR}"
        )
    return requested


@contextmanager
def running_host(kind: str, port: int, log: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run this app on a port of 127.0.0.1 with this process's settings; afterwards stop it and its children.

    Its output goes to ``log``, else to the output of this process.

    Raises:
        FunctionsHostError: the port is in use, or the host did not become ready.
    """
    require_free_port(port)
    process = start_host(kind, port, log)
    try:
        wait_until_ready(process, port, log)
        yield process
    finally:
        stop_host(process)


def require_free_port(port: int) -> None:
    """Raises FunctionsHostError when something listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise FunctionsHostError(
                f"expected port {port} of 127.0.0.1 to be free, but it is in use; end the program that uses it, "
                "or choose --port"
            )


def free_port() -> int:
    """A port of 127.0.0.1 for a server that is about to start.

    It lies below the ports that systems give to outgoing connections (Linux: from 32768, others: from 49152; RFC 6335,
    section 6), so that none of those takes it before the server does, or while the server is down. Processes with
    neighboring numbers, as parallel tests have, try different ones.
    """
    while True:
        port = _FREE_PORTS[(os.getpid() * _PORTS_A_PROCESS + next(_ports_tried)) % len(_FREE_PORTS)]
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def start_host(  # noqa: PLR0913  # all but the first two have defaults
    kind: str,
    port: int,
    log: Path | None = None,
    *,
    app: Path = REPOSITORY,
    options: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start the app in a folder as a child in a session of its own, without waiting until it is ready.

    Its output is appended to ``log``, else goes to the output of this process; ``settings`` come before those of this
    process.
    """
    func = shutil.which(FUNC) or FUNC
    emulator = [sys.executable, "-m", "functions_emulator", str(app)]
    command = [*([func, "start"] if kind == FUNC else emulator), "--port", str(port), *options]
    output: IO[bytes] | None = log.open("ab") if log else None
    try:
        return subprocess.Popen(  # noqa: S603  # one of the two hosts
            ending_with_parent(command),
            cwd=app if kind == FUNC else REPOSITORY,
            env={**os.environ, **_virtual_environment(), **(settings or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            # On Ctrl-C this process stops its children in order: storage must outlive the host.
            start_new_session=True,
        )
    finally:
        if output:
            output.close()


def _virtual_environment() -> dict[str, str]:
    """The variables that activating this Python's environment sets: ``func`` runs the ``python`` on the PATH."""
    folder = str(Path(sys.executable).parent)
    return {"VIRTUAL_ENV": sys.prefix, "PATH": os.pathsep.join([folder, os.environ.get("PATH", "")])}


def wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path | None = None) -> None:
    """Raises FunctionsHostError when the host exits, or does not answer in time."""
    url = f"http://127.0.0.1:{port}/admin/host/status"
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            output = f":\n{last_lines(log)}" if log else "; read its output above"
            raise FunctionsHostError(f"expected the functions host to start, but it exited{output}")
        with suppress(URLError, OSError), urlopen(url, timeout=5) as answer:  # our own address
            if b"Running" in answer.read():
                return
        time.sleep(_LOOK_AGAIN_SECONDS)
    raise FunctionsHostError(
        f"expected the functions host to answer at {url} within {_START_SECONDS} s, but it does not; read its output"
    )


def last_lines(log: Path) -> str:
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-_LAST_LINES:])


def stop_host(process: subprocess.Popen[bytes]) -> None:
    """Interrupt the host; after half a minute kill it. Its children end with it."""
    try:
        _interrupt(process)
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        kill_host(process)


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        # The console has sent Ctrl-C to the host as well; this ends a host that still runs.
        process.terminate()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)


def kill_host(process: subprocess.Popen[bytes]) -> None:
    """Kill the host and its children, which are in its session, without letting them tidy up."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
