"""The host: one process that loads an app, watches its blobs, runs its orchestrations and serves the durable API."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import ClientConnectorError, web
from azure.core.exceptions import AzureError, HttpResponseError

from functions_emulator.app.bindings import BLOB_TRIGGER
from functions_emulator.app.directory import App, FunctionDefinition
from functions_emulator.blobs.listener import BlobListener, Storage
from functions_emulator.blobs.receipts import Receipts
from functions_emulator.durable.engine import Engine
from functions_emulator.durable.http_api import DurableApi
from functions_emulator.durable.instances import Instance
from functions_emulator.durable.runner import Runner
from functions_emulator.errors import EmulatorError
from functions_emulator.worker.worker import Worker

_ADDRESS = "127.0.0.1"
_ATTEMPTS_ON_STORAGE = 30
_log = logging.getLogger(__name__)


class HostError(EmulatorError):
    """The host cannot start; the message is one sentence: expected, found, next move."""


@dataclass(frozen=True)
class Host:
    """A host that runs.

    Attributes:
        url: where it listens, without a slash at the end.
    """

    url: str
    engine: Engine
    api: DurableApi


@asynccontextmanager
async def running_host(app: App, worker: Worker, *, port: int = 7071, twice: bool = False) -> AsyncIterator[Host]:
    """Run a loaded app. Leaving it takes no more messages, lets running functions finish and frees the port.

    ``port`` is of 127.0.0.1, 0 for a free one; ``twice`` delivers every blob and runs every activity twice.

    Raises:
        HostError: the port is in use, or storage does not answer.
    """
    async with AsyncExitStack() as stack:
        engine = Engine(app.host, Runner(app, worker, twice=twice))
        await engine.start()
        stack.push_async_callback(engine.stop)
        api = DurableApi(engine, app.host.hub_name)
        watched = [
            (function, await _opened(stack, app, function))
            for function in app.functions.values()
            if function.trigger.type == BLOB_TRIGGER
        ]
        engine.on_end = lambda instance: _note(instance, [receipts for _, (_, receipts) in watched])
        api.origin = await stack.enter_async_context(_listening(api, port))
        for function, (storage, receipts) in watched:
            listener = BlobListener(
                function, storage, receipts, config=app.host, worker=worker, engine=engine, api=api, twice=twice
            )
            stack.push_async_callback(_stop, asyncio.create_task(listener.run()), listener)
        yield Host(api.origin, engine, api)


def host_id(app: App) -> str:
    """The name that this app's receipts have in storage; the host's own looks different, so they never share any."""
    return f"emulator-{hashlib.sha256(str(app.root).encode(errors='surrogateescape')).hexdigest()[:20]}"


@asynccontextmanager
async def _listening(api: DurableApi, port: int) -> AsyncIterator[str]:
    server = web.Application()
    server.router.add_get("/admin/host/status", _host_status)
    api.add_to(server)
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, _ADDRESS, port).start()
    except OSError as error:
        await runner.cleanup()
        raise HostError(
            f"expected to listen on port {port}, found that it cannot be used ({error.strerror or error}); "
            "stop the program that has it, or choose another with --port"
        ) from error
    try:
        yield f"http://{_ADDRESS}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _host_status(_request: web.Request) -> web.Response:
    return web.json_response({"id": "functions_emulator", "state": "Running"})


async def _opened(stack: AsyncExitStack, app: App, function: FunctionDefinition) -> tuple[Storage, Receipts]:
    connection = function.trigger.properties["connection"]
    try:
        storage = Storage.connect(app.settings[connection])
    except ValueError as error:
        raise HostError(f"the setting {connection} is not a storage connection string; correct it") from error
    stack.push_async_callback(storage.close)
    receipts = Receipts(storage.blobs, host_id(app), function.name)
    done = await _loaded(receipts, lambda error: _storage_sentence(connection, storage, error))
    _log.info(f"{function.name}: {done} blobs are done with; watching {function.trigger.properties['path']}")
    stack.push_async_callback(_written, asyncio.create_task(receipts.write()), receipts)
    return storage, receipts


async def _loaded(receipts: Receipts, sentence: Callable[[Exception], str]) -> int:
    """Read the receipts; storage that is there but in trouble gets half a minute."""
    for attempts_left in reversed(range(_ATTEMPTS_ON_STORAGE)):
        try:
            return await receipts.load()
        except Exception as error:  # whatever the SDK makes of a garbled answer
            if _is_final(error) or not attempts_left:
                raise HostError(sentence(error)) from error
        await asyncio.sleep(1)
    raise AssertionError("the last attempt returns or raises")


def _is_final(error: Exception) -> bool:
    """Whether a person has to act: nothing listens there, or what listens refuses this very request."""
    if isinstance(error, HttpResponseError) and error.status_code:
        return HTTPStatus.BAD_REQUEST <= error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    return _nothing_listens(error)


def _nothing_listens(error: Exception) -> bool:
    return isinstance(error, AzureError) and isinstance(error.inner_exception, ClientConnectorError)


def _storage_sentence(connection: str, storage: Storage, error: Exception) -> str:
    where = storage.blobs.primary_hostname
    if _nothing_listens(error):
        return (
            f"expected storage at {where} (the setting {connection}), found that nothing answers there; "
            "start Azurite, or correct the setting"
        )
    code = getattr(error, "error_code", None)
    code = getattr(code, "value", code) or type(error).__name__
    if not _is_final(error):
        return f"expected storage at {where} to answer, found {code}; start again when it is well"
    return f"expected storage at {where} to let us in, found {code}; correct the key in the setting {connection}"


def _note(instance: Instance, all_receipts: Iterable[Receipts]) -> None:
    for receipts in all_receipts:
        receipts.ended(instance)


async def _stop(watching: asyncio.Task[None], listener: BlobListener) -> None:
    watching.cancel()
    await listener.stop()


async def _written(writing: asyncio.Task[None], receipts: Receipts) -> None:
    receipts.close()
    await writing
