"""The storage account that a connection setting names, checked when the host starts."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self, TypeVar
from urllib.request import getproxies

from aiohttp import ClientConnectorError
from azure.core.exceptions import AzureError, HttpResponseError
from azure.storage.blob.aio import BlobServiceClient
from azure.storage.queue.aio import QueueServiceClient

from functions_emulator.errors import HostStartError

HOST_CONTAINER = "azure-webjobs-hosts"
"""The container of AzureWebJobsStorage, and of watched accounts, in which the host keeps what it must remember."""

_START_ATTEMPTS = 30
_ResultT = TypeVar("_ResultT")


@dataclass(frozen=True)
class StorageAccount:
    """The clients of one account. Requests are not retried: each listener comes back by itself."""

    connection: str
    blobs: BlobServiceClient
    queues: QueueServiceClient

    @classmethod
    def connect(cls, connection: str, settings: Mapping[str, str]) -> Self:
        """The account of the setting ``connection``; raises HostStartError for a malformed connection string."""
        # Otherwise aiohttp looks in the environment for a proxy with every request.
        options: dict[str, Any] = {"retry_total": 0, "use_env_settings": bool(getproxies())}
        try:
            return cls(
                connection,
                BlobServiceClient.from_connection_string(settings[connection], **options),
                QueueServiceClient.from_connection_string(settings[connection], **options),
            )
        except ValueError as error:
            raise HostStartError(f"the setting {connection} is not a storage connection string; correct it") from error

    async def close(self) -> None:
        await self.blobs.close()
        await self.queues.close()

    async def first_answer(self, request: Callable[[], Awaitable[_ResultT]]) -> _ResultT:
        """The answer to the first request of a start; storage that answers with errors gets half a minute.

        Raises:
            HostStartError: nothing listens there, the request is refused, or storage does not recover.
        """
        for attempts_left in reversed(range(_START_ATTEMPTS)):
            try:
                return await request()
            except Exception as error:  # the SDK raises any type for a malformed response
                if _is_permanent(error) or not attempts_left:
                    raise HostStartError(self._problem(error)) from error
            await asyncio.sleep(1)
        raise AssertionError("the last attempt returns or raises")

    def _problem(self, error: Exception) -> str:
        where = self.blobs.primary_hostname
        if _nothing_listens(error):
            return (
                f"expected storage at {where} (the setting {self.connection}), found that nothing answers there; "
                "start Azurite, or correct the setting"
            )
        code = getattr(error, "error_code", None)
        code = getattr(code, "value", code) or type(error).__name__
        if not _is_permanent(error):
            return f"expected storage at {where} to answer, found {code}; start again when it has recovered"
        return (
            f"expected storage at {where} to accept the key in the setting {self.connection}, found {code}; correct it"
        )


def is_outage(error: Exception) -> bool:
    """Whether storage as a whole is in question (no answer, throttled, a server error), not this one request."""
    if isinstance(error, HttpResponseError) and error.status_code:
        return error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or error.status_code in (
            HTTPStatus.REQUEST_TIMEOUT,
            HTTPStatus.TOO_MANY_REQUESTS,
        )
    return isinstance(error, (AzureError, OSError, asyncio.TimeoutError))


def _is_permanent(error: Exception) -> bool:
    """Whether only a correction helps: nothing listens there, or what listens refuses this very request."""
    if isinstance(error, HttpResponseError) and error.status_code:
        return HTTPStatus.BAD_REQUEST <= error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    return _nothing_listens(error)


def _nothing_listens(error: Exception) -> bool:
    return isinstance(error, AzureError) and isinstance(error.inner_exception, ClientConnectorError)
