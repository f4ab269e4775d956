"""``python -m functions_emulator``: run an Azure Functions app of the Python v1 model without Core Tools."""

import argparse
import asyncio
import gc
import logging
import os
import platform
import signal
import sys
import time

if __name__ == "__main__":
    # Until the host can stop in order, Ctrl-C ends the process: an import would print a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from functions_emulator.app.directory import App, load_app
from functions_emulator.durable.client_binding import WEBHOOKS
from functions_emulator.errors import EmulatorError
from functions_emulator.host import Host, running_host
from functions_emulator.ports import port_number
from functions_emulator.worker.worker import Worker

_INTERRUPTED = 130
_SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK")
_log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C; returns the exit status."""
    options = _parser().parse_args(arguments)
    _log_to_stdout()
    try:
        asyncio.run(_serve(options))
    except EmulatorError as error:
        print(error, file=sys.stderr)  # noqa: T201  # for the person at the terminal
        return 1
    return 0


def _seconds(text: str) -> float:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a whole number of seconds from 1, found {text!r}")
    return float(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m functions_emulator",
        description="Run a function app of the Python v1 model with durable orchestrations, as func start does.",
    )
    parser.add_argument("app_dir", nargs="?", type=Path, default=Path(), help="folder of host.json (default: here)")
    parser.add_argument("--port", type=port_number, default=7071, help="of 127.0.0.1, 0 for a free one (default: 7071)")
    parser.add_argument(
        "--twice", action="store_true", help="deliver every event and run every activity twice, as Azure may"
    )
    parser.add_argument(
        "--message-lease",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="how long a queue message stays hidden when the emulator is killed (default: 60)",
    )
    return parser


async def _serve(options: argparse.Namespace) -> None:
    stop = _stop_event()
    app = load_app(options.app_dir)
    with Worker(app) as worker:
        async with running_host(
            app, worker, port=options.port, twice=options.twice, message_lease=options.message_lease
        ) as host:
            # What is loaded by now stays: without this, the collector would walk through all of it again and again.
            gc.freeze()
            _greet(app, host)
            await stop.wait()
            _log.info("Stopping: running functions finish first; press Ctrl-C again to stop at once.")
        # The SDK leaves its HTTP session open, which asyncio would report.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    _log.info("Stopped.")


def _greet(app: App, host: Host) -> None:
    functions = "".join(
        f"\n        {name}: {function.trigger.type}{' (disabled)' if function.is_disabled else ''}"
        for name, function in app.functions.items()
    )
    _log.info(f"functions_emulator for {app.root} on Python {platform.python_version()}\n\nFunctions:\n{functions}\n")
    _log.info(f"Durable HTTP API: {host.url}{WEBHOOKS}")
    _log.info("Host started. Press Ctrl-C to stop.")


def _stop_event() -> asyncio.Event:
    """Set by the first Ctrl-C or SIGTERM; the second ends the process."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    asked = False

    def handle(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            os._exit(_INTERRUPTED)
        asked = True
        loop.call_soon_threadsafe(stop.set)

    for name in _SIGNALS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), handle)
    return stop


def _log_to_stdout() -> None:
    formatter = logging.Formatter("[%(asctime)s.%(msecs)03dZ] %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    # A dozen lines per event are worth it: nothing that these collect is in the format.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001  # documented under «Optimization»: no line looks for its caller
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # It logs every request with its headers, and warns of every answer without a body.
    logging.getLogger("azure").setLevel(logging.ERROR)
    logging.getLogger("durabletask").setLevel(logging.ERROR)


if __name__ == "__main__":
    sys.exit(main())
