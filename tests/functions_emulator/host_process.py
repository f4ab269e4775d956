"""``python -m functions_emulator`` as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.functions_emulator.durable_app import STRICT, wait_until
from tests.functions_emulator.fixture_apps import SETTINGS

ROOT = Path(__file__).resolve().parents[2]


def _command(app: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "functions_emulator", str(app), *options]


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | SETTINGS | STRICT | dict(settings)


def ended_host(app: Path, *options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A host that ends by itself."""
    return subprocess.run(
        _command(app, *options), env=_environment(settings), capture_output=True, text=True, timeout=60, check=False
    )


class HostProcess:
    def __init__(self, process: subprocess.Popen[bytes], log: Path, errors: Path) -> None:
        self.process = process
        self._log = log
        self._errors = errors

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8")

    @property
    def errors(self) -> str:
        return self._errors.read_text("utf-8")

    def stop(self, signal_number: int) -> int:
        self.process.send_signal(signal_number)
        return self.process.wait(30)


@contextmanager
def host_process(app: Path, folder: Path, *options: str, **settings: str) -> Iterator[HostProcess]:
    """A host on a free port, killed at the end unless the test has ended it."""
    log, errors = folder / "host.log", folder / "host.errors"
    with log.open("wb") as stdout, errors.open("wb") as stderr:
        process = subprocess.Popen(
            _command(app, "--port", "0", *options), env=_environment(settings), stdout=stdout, stderr=stderr
        )
    host = HostProcess(process, log, errors)
    try:
        wait_until(lambda: "Host started" in host.log)
        yield host
    finally:
        process.kill()
        process.wait()
