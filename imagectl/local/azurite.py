"""Azurite as a child process: Azure Storage on loopback, with one account."""

import base64
import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imagectl.errors import UnreachableError
from imagectl.local.child_process import ending_with_parent
from imagectl.repository import REPOSITORY

PROGRAM = REPOSITORY / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
ACCOUNT = "devstoreaccount1"
START_SECONDS = 60
STOP_SECONDS = 10

_LISTENING = re.compile(r"Azurite (\w+) service is successfully listening at http://127\.0\.0\.1:(\d+)")


class AzuriteError(UnreachableError):
    """Azurite is not installed, or did not start."""


@dataclass(frozen=True)
class Azurite:
    """A running Azurite.

    Attributes:
        process: the Node process.
        log: the file that it prints to, a line per request.
        connection_string: for the Storage SDKs, with the account key.
    """

    process: subprocess.Popen[bytes]
    log: Path
    connection_string: str

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def running_azurite(folder: Path, *, in_memory: bool = False) -> Iterator[Azurite]:
    """Run Azurite on free ports with a random key, data and log in ``folder``, and stop it afterwards.

    Raises:
        AzuriteError: Node or Azurite is missing, or it did not listen within a minute.
    """
    azurite = start_azurite(folder, in_memory=in_memory)
    try:
        yield azurite
    finally:
        azurite.stop()


def start_azurite(
    folder: Path, ports: tuple[int, int, int] = (0, 0, 0), *, key: str | None = None, in_memory: bool = False
) -> Azurite:
    """Start Azurite; ports are those of blob, queue and table, 0 for a free one.

    ``key`` is the account's; without one it is random, so that no other user of the machine knows it.

    Raises:
        AzuriteError: as ``running_azurite``.
    """
    node = shutil.which("node")
    if node is None or not PROGRAM.exists():
        missing = "Node.js" if node is None else f"Azurite in {PROGRAM.parent.parent.parent}"
        raise AzuriteError(f"expected Azurite, which emulates Azure Storage, found no {missing}; run imagectl setup")
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "azurite.log"
    key = key or base64.b64encode(secrets.token_bytes(64)).decode()
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  # our own pinned program
            ending_with_parent([node, str(PROGRAM), *_arguments(folder, ports, in_memory=in_memory)]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{key}"},
            start_new_session=True,  # on Ctrl-C the parent stops its children in order
        )
    try:
        return Azurite(process, log, _connection_string(key, _wait_for_ports(process, log)))
    except BaseException:
        # Also on Ctrl-C while it starts.
        process.kill()
        process.wait()
        raise


def _arguments(folder: Path, ports: tuple[int, int, int], *, in_memory: bool) -> list[str]:
    blob, queue, table = map(str, ports)
    where = ["--inMemoryPersistence"] if in_memory else ["--location", str(folder)]
    listen = ["--blobPort", blob, "--queuePort", queue, "--tablePort", table]
    return [*listen, *where, "--skipApiVersionCheck", "--disableTelemetry"]


def _wait_for_ports(process: subprocess.Popen[bytes], log: Path) -> dict[str, str]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        text = log.read_text("utf-8", "replace")
        ports = dict(_LISTENING.findall(text))
        if len(ports) == len(("Blob", "Queue", "Table")):
            return ports
        if process.poll() is not None:
            raise AzuriteError(f"expected Azurite to listen, but it exited: {_last_line(text)}; free its ports")
        time.sleep(0.02)
    raise AzuriteError(f"expected Azurite to listen within {START_SECONDS} s, but it does not; read {log}")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if "rror" in line] or text.splitlines() or ["no output"]
    return lines[0]


def _connection_string(key: str, ports: dict[str, str]) -> str:
    endpoints = [f"{kind}Endpoint=http://127.0.0.1:{port}/{ACCOUNT}" for kind, port in sorted(ports.items())]
    return ";".join(["DefaultEndpointsProtocol=http", f"AccountName={ACCOUNT}", f"AccountKey={key}", *endpoints]) + ";"
