"""The durable client of an invocation has an HTTP session of its own on shared connections."""

import asyncio
import importlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from azure.durable_functions import DurableOrchestrationClient

from image_metadata.database.connections import app_connections
from image_metadata.durable_sdk import durable_client, purge_completed, retry_options
from image_metadata.errors import TransientDatabaseError
from image_metadata.model import Upload
from image_metadata.payload import encode
from image_metadata.retry import RetryPolicy

UPLOAD = Upload("pictures", "image-input", "a.png", "0x1")
Answer = Callable[[web.Request], Awaitable[web.Response]]


def starter(server: TestServer) -> str:
    urls = {"id": "INSTANCEID"}
    binding = {"taskHubName": "ImageMetadata", "creationUrls": {}, "managementUrls": urls}
    return json.dumps(binding | {"rpcBaseUrl": str(server.make_url("/durabletask/"))})


def served(answer: Answer, use: Callable[[TestServer], Awaitable[None]]) -> None:
    async def main() -> None:
        app = web.Application()
        app.router.add_route("*", "/durabletask/{path:.*}", answer)
        async with TestServer(app) as server:
            await use(server)

    asyncio.run(main())


def test_the_input_is_encoded_once_and_the_invocation_is_named():
    arrived = []

    async def answer(request: web.Request) -> web.Response:
        arrived.append((request.path, await request.json(), request.headers["X-Azure-Functions-InvocationId"]))
        return web.json_response({"id": "x"}, status=202)

    async def use(server: TestServer) -> None:
        async with durable_client(starter(server), "invocation-7") as client:
            await client.start_new("OrchestratorFunction", UPLOAD.id, encode(UPLOAD))

    served(answer, use)
    assert arrived == [(f"/durabletask/orchestrators/OrchestratorFunction/{UPLOAD.id}", encode(UPLOAD), "invocation-7")]


def test_a_request_that_times_out_leaves_the_requests_of_other_invocations_alone():
    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(30 if "hangs" in request.path else 0.5)
        return web.json_response({"id": "x"}, status=202)

    async def start(server: TestServer, instance_id: str, seconds: float) -> None:
        async with durable_client(starter(server), "invocation") as client, asyncio.timeout(seconds):
            await client.start_new("OrchestratorFunction", instance_id, encode(UPLOAD))

    async def use(server: TestServer) -> None:
        hangs, works = await asyncio.gather(
            start(server, "hangs", 0.2), start(server, "works", 5), return_exceptions=True
        )
        assert isinstance(hangs, TimeoutError)
        assert works is None

    served(answer, use)


def test_invocations_use_each_others_connections():
    ports = set()

    async def answer(request: web.Request) -> web.Response:
        ports.add(request.transport.get_extra_info("peername")[1])
        return web.json_response({"id": "x"}, status=202)

    async def use(server: TestServer) -> None:
        for invocation_id in ("first", "second"):
            async with durable_client(starter(server), invocation_id) as client:
                await client.start_new("OrchestratorFunction", UPLOAD.id, encode(UPLOAD))

    served(answer, use)
    assert len(ports) == 1


def test_an_instance_that_does_not_exist_has_no_status():
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=404)

    async def use(server: TestServer) -> None:
        async with durable_client(starter(server), "invocation") as client:
            assert (await client.get_status(UPLOAD.id)).runtime_status is None

    served(answer, use)


def test_a_refused_start_raises():
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"Message": "An instance with the status Running already exists."}, status=409)

    async def use(server: TestServer) -> None:
        async with durable_client(starter(server), "invocation") as client:
            with pytest.raises(Exception, match="already exists"):
                await client.start_new("OrchestratorFunction", UPLOAD.id, encode(UPLOAD))

    served(answer, use)


@pytest.mark.parametrize(("status", "purged"), [(200, 3), (404, 0)])
def test_completed_history_is_purged_between_two_times(status: int, purged: int):
    arrived = []

    async def answer(request: web.Request) -> web.Response:
        arrived.append((request.method, dict(request.query)))
        return web.json_response({"instancesDeleted": 3}, status=status) if status == 200 else web.Response(status=404)

    async def use(server: TestServer) -> None:
        first, last = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 1, 6, tzinfo=UTC)
        async with durable_client(starter(server), "invocation") as client:
            assert await purge_completed(client, first, last) == purged

    served(answer, use)
    method, query = arrived[0]
    assert (method, query["runtimeStatus"]) == ("DELETE", "Completed")
    assert query["createdTimeFrom"].startswith("2026-10-01T00:00:00")
    assert query["createdTimeTo"].startswith("2026-10-01T06:00:00")


def test_history_is_purged_in_a_night_without_a_database_and_the_error_is_raised(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SqlConnectionString", "Driver={not installed};Server=db")
    app_connections.cache_clear()
    arrived = []

    async def answer(request: web.Request) -> web.Response:
        arrived.append(request.method)
        return web.json_response({"instancesDeleted": 3})

    async def use(server: TestServer) -> None:
        context = SimpleNamespace(invocation_id="invocation")
        with pytest.raises(TransientDatabaseError):
            await importlib.import_module("ReconcileTimer").main(None, starter(server), context)

    served(answer, use)
    app_connections.cache_clear()
    assert arrived == ["DELETE"] * 8


@pytest.mark.parametrize("method", ["_post_async_request", "_get_async_request", "_delete_async_request"])
def test_the_sdk_still_has_the_private_methods_that_are_replaced(method: str):
    binding = json.dumps({"taskHubName": "ImageMetadata", "creationUrls": {}, "managementUrls": {"id": "INSTANCEID"}})
    assert callable(getattr(DurableOrchestrationClient(binding), method))


def test_a_retry_policy_reaches_the_host_with_its_backoff():
    policy = RetryPolicy(initial_interval=timedelta(seconds=10), max_interval=timedelta(hours=1), max_attempts=33)
    assert retry_options(policy).to_json() == {
        "firstRetryIntervalInMilliseconds": 10_000,
        "maxNumberOfAttempts": 33,
        "backoffCoefficient": 2.0,
        "maxRetryIntervalInMilliseconds": 3_600_000,
    }
