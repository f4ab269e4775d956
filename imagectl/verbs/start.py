"""``imagectl start``: the local stack on its usual ports, until Ctrl-C. Its data stays in ``.local/``."""

import argparse
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from azure.storage.blob import BlobServiceClient

from imagectl.arguments import port_number
from imagectl.errors import ExitStatus
from imagectl.local.azurite import Azurite, AzuriteError, start_azurite
from imagectl.local.azurite_owner import owned, owner
from imagectl.local.event_grid import running_event_grid
from imagectl.local.host import (
    EMULATOR,
    FUNC,
    HOST_VARIABLE,
    FunctionsHostError,
    choose_host,
    require_free_port,
    running_host,
)
from imagectl.local.resources import create_container_and_tables
from imagectl.local.settings import FILE, create_local_settings, load_local_settings
from imagectl.local.single_start import single_start
from imagectl.repository import REPOSITORY

NOTES = (
    "Data and rows stay in .local/, and only one stack runs in a folder at a time. Stop it with Ctrl-C (exit status "
    "130); waiting uploads are processed after the next start."
)
EXAMPLES = """
imagectl start
imagectl start --host emulator --port 7080
"""

LOCAL = REPOSITORY / ".local"
AZURITE_PORTS = (10000, 10001, 10002)
DEVELOPMENT_STORAGE = "UseDevelopmentStorage=true"

EVENT_SETTINGS = {
    "AzureWebJobs.BlobTriggerClient.Disabled": "true",
    "AzureWebJobs.QueueTriggerClient.Disabled": "false",
    # Azure's interval is in host.json; on a laptop nobody pays for an empty answer.
    "AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:00:00.5",
}
"""Settings of the host with which it receives events."""

_PORT = 7071
PROBE_SECONDS = 5
_PYTHON = Path(".venv", "Scripts" if os.name == "nt" else "bin", "python")

_NEXT_STEPS = """
The stack runs: {host} on http://127.0.0.1:{port}. Ctrl-C stops it. From another terminal:
  make upload FILES="a.jpg b/"   or  {python} -m imagectl upload a.jpg b
  make query                     or  {python} -m imagectl query
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host",
        choices=(FUNC, EMULATOR),
        default=os.environ.get(HOST_VARIABLE) or None,
        help=f"Core Tools or the emulator (default: ${HOST_VARIABLE}, else func when it is on the PATH)",
    )
    parser.add_argument(
        "--port", type=port_number, default=_PORT, metavar="N", help="of the functions (default: %(default)s)"
    )
    parser.add_argument(
        "--events",
        action="store_true",
        help="announce uploads by Event Grid's events on a queue, as in Azure, instead of polling the container",
    )


def run(arguments: argparse.Namespace) -> int:
    kind, port = choose_host(arguments.host), arguments.port
    LOCAL.mkdir(exist_ok=True)
    with single_start(LOCAL, port):
        require_free_port(port)
        if create_local_settings():
            print(f"Created {FILE.name} from the example.")
            load_local_settings()
        with running_storage() as azurite, ExitStack() as stack:
            if arguments.events:
                stack.enter_context(running_events(azurite))
            create_container_and_tables()
            with running_host(kind, port) as host:
                print(_NEXT_STEPS.format(host=kind, port=port, python=_PYTHON), flush=True)
                with suppress(KeyboardInterrupt):
                    watch(host, azurite)
                print("Stopping: running activities finish first; Ctrl-C again ends them at once.", flush=True)
    return ExitStatus.INTERRUPTED


def watch(host: subprocess.Popen[bytes], azurite: Azurite | None) -> None:
    """Wait for Ctrl-C; raises FunctionsHostError or AzuriteError when one of the two exits by itself."""
    while True:
        with suppress(subprocess.TimeoutExpired):
            raise FunctionsHostError(
                f"expected the functions host to run until Ctrl-C, found exit status {host.wait(1)}"
            )
        if azurite and azurite.process.poll() is not None:
            raise AzuriteError(
                f"expected Azurite to run until Ctrl-C, found exit status {azurite.process.returncode}; "
                f"start again, and read {azurite.log} if it happens again"
            )


@contextmanager
def running_events(azurite: Azurite | None) -> Iterator[None]:
    """Deliver Event Grid's events, and let QueueTriggerClient announce uploads instead of BlobTriggerClient.

    Raises:
        AzuriteError: Azurite was not started here.
    """
    if azurite is None:
        raise AzuriteError(
            "expected to start Azurite, since events are read from its access log, but it runs already or the settings "
            "name other storage; stop it, or start without --events"
        )
    os.environ.update(EVENT_SETTINGS)
    with running_event_grid(azurite) as grid:
        yield
        if grid.pending:
            print(f"Stopping: {grid.pending:,} more events go to the queue first.", flush=True)


@contextmanager
def running_storage() -> Iterator[Azurite | None]:
    """Run Azurite while the settings name development storage, unless one of this folder runs already.

    Raises:
        AzuriteError: that of another folder runs, or it does not start.
    """
    named = (os.environ.get(name, "") for name in ("AzureWebJobsStorage", "ImageStorage"))
    if DEVELOPMENT_STORAGE not in named:
        yield None
        return
    if is_azurite(AZURITE_PORTS[0]):
        _require_own_azurite()
        yield None
        return
    for port in AZURITE_PORTS:
        require_free_port(port)
    azurite = start_azurite(LOCAL / "azurite", AZURITE_PORTS, key=_development_key())
    try:
        with owned(AZURITE_PORTS[0], LOCAL, azurite.process.pid):
            yield azurite
    finally:
        azurite.stop()


def _require_own_azurite() -> None:
    """One that was started by hand is used; that of another folder holds other images."""
    folder = owner(AZURITE_PORTS[0])
    if folder not in {None, LOCAL}:
        raise AzuriteError(
            f"expected port {AZURITE_PORTS[0]} to be free or to have the Azurite of this folder, but imagectl "
            f"start runs one in {folder}; stop that one first"
        )


def is_azurite(port: int) -> bool:
    """Whether Azurite's blob service answers on this port of 127.0.0.1."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", "/")
        return (connection.getresponse().getheader("Server") or "").startswith("Azurite-Blob")
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _development_key() -> str:
    """The published key that every Storage SDK uses for ``UseDevelopmentStorage=true``."""
    return str(BlobServiceClient.from_connection_string(DEVELOPMENT_STORAGE).credential.account_key)
