"""The adapter to the Durable Functions SDK: its client, and its retry options."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
from azure.durable_functions import DurableOrchestrationClient, OrchestrationRuntimeStatus, RetryOptions

from image_metadata.retry import RetryPolicy

_MILLISECOND = timedelta(milliseconds=1)
_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 240
_JSON = {"Content-Type": "application/json"}
_INVOCATION = "X-Azure-Functions-InvocationId"
_CORRELATION = ("traceparent", "tracestate", _INVOCATION)
# By event loop; a worker has one as long as it lives.
_CONNECTIONS: dict[asyncio.AbstractEventLoop, aiohttp.TCPConnector] = {}


class _BackoffOptions(RetryOptions):
    """Retry options with backoff: version 1 of the SDK has none, but the host honors these two keys."""

    def __init__(self, policy: RetryPolicy) -> None:
        super().__init__(policy.initial_interval // _MILLISECOND, policy.max_attempts)
        self._policy = policy

    def to_json(self) -> dict[str, Any]:
        return {
            **super().to_json(),
            "backoffCoefficient": self._policy.backoff,
            "maxRetryIntervalInMilliseconds": self._policy.max_interval // _MILLISECOND,
        }


def retry_options(policy: RetryPolicy) -> RetryOptions:
    """What ``call_activity_with_retry`` takes."""
    return _BackoffOptions(policy)


@asynccontextmanager
async def durable_client(starter: str, invocation_id: str) -> AsyncGenerator[DurableOrchestrationClient]:
    """A durable client with an HTTP session of its own.

    The session that the SDK shares among all invocations is closed by whichever request times out, which fails the
    requests of the others. Here only connections are shared, and a request that times out closes its own.

    Args:
        starter: what the ``durableClient`` binding delivers. It holds a key: never log it.
        invocation_id: of this call of the function; the host's log carries it.
    """
    timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS, sock_connect=_CONNECT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, connector=_connections(), connector_owner=False) as session:
        client = DurableOrchestrationClient(starter, invocation_id)
        client._post_async_request = partial(_post, session)  # noqa: SLF001  # the SDK has no other way in
        client._get_async_request = partial(_send, session, "GET")  # noqa: SLF001  # as above
        client._delete_async_request = partial(_send, session, "DELETE")  # noqa: SLF001  # as above
        yield client


def _connections() -> aiohttp.TCPConnector:
    """The open connections of the event loop: opening one takes longer than a request."""
    loop = asyncio.get_running_loop()
    if loop not in _CONNECTIONS:
        _CONNECTIONS[loop] = aiohttp.TCPConnector()
    return _CONNECTIONS[loop]


async def purge_completed(client: DurableOrchestrationClient, created_from: datetime, created_to: datetime) -> int:
    """Delete the history of orchestrations that completed and were created between two times; returns how many."""
    completed = [OrchestrationRuntimeStatus.Completed]
    result = await client.purge_instance_history_by(created_from, created_to, completed)
    return int(result.instances_deleted)


async def _post(
    session: aiohttp.ClientSession, url: str, body: str | None = None, *correlation: str | None
) -> list[Any]:
    """``body`` is JSON already; the SDK's own function would encode it once more."""
    headers = dict(zip(_CORRELATION, correlation, strict=False))
    return await _request(session, "POST", url, body, headers | (_JSON if body else {}))


async def _send(session: aiohttp.ClientSession, method: str, url: str, invocation_id: str | None = None) -> list[Any]:
    return await _request(session, method, url, None, {_INVOCATION: invocation_id})


async def _request(
    session: aiohttp.ClientSession, method: str, url: str, body: str | None, headers: Mapping[str, str | None]
) -> list[Any]:
    """Status and JSON of an answer, in the form that the SDK expects; an empty answer is ``""``."""
    present = {name: value for name, value in headers.items() if value}
    async with session.request(method, url, data=body, headers=present) as response:
        answer = await response.json(content_type=None)
        return [response.status, "" if answer is None else answer]
