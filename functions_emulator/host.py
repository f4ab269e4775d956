"""The host: one process that listens for an app's triggers, runs its orchestrations and serves its HTTP API."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from aiohttp import web

from functions_emulator.app.directory import App
from functions_emulator.app.function_json import FunctionDefinition
from functions_emulator.app.trigger_properties import BLOB_TRIGGER, QUEUE_TRIGGER, TIMER_TRIGGER
from functions_emulator.blobs.listener import BlobListener
from functions_emulator.durable.client_binding import ClientBindings
from functions_emulator.durable.engine import Engine
from functions_emulator.durable.http_api import DurableApi
from functions_emulator.durable.runner import Runner
from functions_emulator.errors import HostStartError
from functions_emulator.loopback import refuse_other_names
from functions_emulator.queues.listener import QueueListener
from functions_emulator.runtime import Listener, Runtime
from functions_emulator.timers.listener import TimerListener
from functions_emulator.worker.worker import Worker

_ADDRESS = "127.0.0.1"
_OPEN_LISTENER: Mapping[str, Callable[[FunctionDefinition, Runtime], Awaitable[Listener]]] = {
    BLOB_TRIGGER: BlobListener.open,
    QUEUE_TRIGGER: QueueListener.open,
    TIMER_TRIGGER: TimerListener.open,
}


@dataclass(frozen=True)
class Host:
    """A running host. ``url`` is where it listens, without a slash at the end."""

    url: str
    engine: Engine
    clients: ClientBindings


@asynccontextmanager
async def running_host(
    app: App, worker: Worker, *, port: int = 7071, twice: bool = False, message_lease: float = 60.0
) -> AsyncIterator[Host]:
    """Run a loaded app. On leaving, nothing more is accepted, running functions finish, and the port is released.

    ``port`` is of 127.0.0.1, 0 for a free one; ``twice`` delivers every event and runs every activity twice;
    ``message_lease`` is for how many seconds a received message is hidden at first, even if the host is killed.

    Raises:
        HostStartError: the port is in use, or storage does not answer.
    """
    # What is entered here is left in the opposite order: first the listeners stop, at last storage is closed.
    async with AsyncExitStack() as stack:
        engine = Engine(app.host, Runner(app, worker, twice=twice))
        clients = ClientBindings(app.host.hub_name)
        runtime = Runtime(app, worker, engine, clients, twice, message_lease)
        listeners = {
            function.name: await _opened(stack, runtime, function)
            for function in app.functions.values()
            if function.trigger.type in _OPEN_LISTENER and not function.is_disabled
        }
        await engine.start()
        stack.push_async_callback(engine.stop)
        clients.origin = await stack.enter_async_context(_listening(DurableApi(engine, clients), listeners, port))
        for listener in listeners.values():
            stack.push_async_callback(_stop, asyncio.create_task(listener.run()), listener)
        yield Host(clients.origin, engine, clients)


async def _opened(stack: AsyncExitStack, runtime: Runtime, function: FunctionDefinition) -> Listener:
    listener = await _OPEN_LISTENER[function.trigger.type](function, runtime)
    stack.push_async_callback(listener.close)
    return listener


@asynccontextmanager
async def _listening(api: DurableApi, listeners: Mapping[str, Listener], port: int) -> AsyncIterator[str]:
    server = web.Application(middlewares=[refuse_other_names])
    server.router.add_get("/admin/host/status", _host_status)
    server.router.add_post("/admin/functions/{name}", partial(_run_by_hand, listeners))
    api.add_to(server)
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, _ADDRESS, port).start()
    except OSError as error:
        await runner.cleanup()
        raise HostStartError(
            f"expected to listen on port {port}, found that it cannot be used ({error.strerror or error}); "
            "stop the program that uses it, or choose another with --port"
        ) from error
    try:
        yield f"http://{_ADDRESS}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _host_status(_request: web.Request) -> web.Response:
    return web.json_response({"id": "functions_emulator", "state": "Running"})


async def _run_by_hand(listeners: Mapping[str, Listener], request: web.Request) -> web.Response:
    """Begin an invocation, as the host does for ``{"input": TEXT}``: 202 before it has run."""
    try:
        text = str((await request.json()).get("input") or "")
    except (ValueError, AttributeError):
        return web.json_response({"Message": 'Expected {"input": TEXT} in the body.'}, status=HTTPStatus.BAD_REQUEST)
    # The host ignores the case of a function's name.
    name = request.match_info["name"].lower()
    listener = next((one for known, one in listeners.items() if known.lower() == name), None)
    if listener is None:
        return web.Response(status=HTTPStatus.NOT_FOUND)
    status = HTTPStatus.ACCEPTED if listener.run_now(text) else HTTPStatus.NOT_IMPLEMENTED
    return web.Response(status=status)


async def _stop(watching: asyncio.Task[None], listener: Listener) -> None:
    watching.cancel()
    await listener.stop()
