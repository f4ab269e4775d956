"""The app in ``apps/durable`` on a host of its own, for tests that are not coroutines themselves."""

import asyncio
import json
import threading
import time
import uuid
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from azure.durable_functions.models.utils import http_utils

from functions_emulator.app.directory import load_app
from functions_emulator.durable.instances import Instance
from functions_emulator.host import Host, running_host
from functions_emulator.worker.worker import Worker
from tests.functions_emulator.fixture_apps import APPS, SETTINGS

ResultT = TypeVar("ResultT")
STRICT = {"AZURE_FUNCTIONS_DURABLE_STRICT_TYPING": "1"}
SECONDS = 30


class RunningApp:
    """A host on an event loop in a thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, host: Host) -> None:
        self.host = host
        self.engine = host.engine
        self._loop = loop

    def run(self, coroutine: Coroutine[Any, Any, ResultT]) -> ResultT:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(SECONDS)

    def start(self, name: str, value: Any = None, instance_id: str = "") -> Instance:
        """Start an orchestrator; its input is JSON text, as the SDK's client sends it."""
        return self.run(self.engine.start_instance(name, instance_id or uuid.uuid4().hex, json.dumps(value)))

    def play(self, name: str, value: Any = None) -> Instance:
        """Run an orchestrator to its end."""
        return finished(self.start(name, value))


def finished(instance: Instance) -> Instance:
    wait_until(lambda: not instance.status.is_live)
    return instance


def wait_until(condition: Any, seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@contextmanager
def running_app(
    root: Path = APPS / "durable", *, twice: bool = False, message_lease: float = 30, **settings: str
) -> Iterator[RunningApp]:
    with Worker(load_app(root, SETTINGS | STRICT | settings)) as worker:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        manager = running_host(worker.app, worker, port=0, twice=twice, message_lease=message_lease)
        host = asyncio.run_coroutine_threadsafe(manager.__aenter__(), loop).result(SECONDS)
        try:
            yield RunningApp(loop, host)
        finally:
            for closing in (manager.__aexit__(None, None, None), http_utils._close_session()):  # noqa: SLF001  # the SDK never closes it
                asyncio.run_coroutine_threadsafe(closing, loop).result(SECONDS)
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
