"""The storage account of the images, for a tool at which a person waits: many connections, short retries."""

from io import BytesIO
from typing import Any

from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobServiceClient, ContainerClient, LinearRetry
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from image_metadata import settings
from image_metadata.storage import blobs
from image_metadata.storage.transport import transport

REQUESTS = 32
"""Requests at once."""

_SINGLE_PUT = 64 * 1024**2
_SENT_AT_ONCE = 256 * 1024
RETRIES: dict[str, Any] = {"backoff": 1, "retry_total": 3, "random_jitter_range": 0}
"""Options of a retry policy that gives up after three seconds."""


class _Adapter(HTTPAdapter):
    """Sends a body from where it is: the standard library would copy bytes behind the head of the request."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, blocksize=_SENT_AT_ONCE, **options)

    def send(self, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        if isinstance(request.body, bytes):
            request.body = BytesIO(request.body)
        return super().send(request, *arguments, **options)


def container_client(name: str) -> ContainerClient:
    """A client with as many connections as requests are made at once, which gives up after three seconds.

    Raises:
        SettingError: ImageStorage is absent or malformed.
    """
    found = settings.image_storage()
    options: dict[str, Any] = {
        "transport": _pooled(transport()),
        "max_single_put_size": _SINGLE_PUT,
        "retry_policy": LinearRetry(**RETRIES),
    }
    if found.connection_string is not None:
        service = BlobServiceClient.from_connection_string(found.connection_string, **options)
    else:
        service = BlobServiceClient(str(found.blob_url), credential=blobs.credential(found), **options)
    return service.get_container_client(name)


def _pooled(made: RequestsTransport) -> RequestsTransport:
    made.open()
    for scheme in ("http://", "https://"):
        made.session.mount(scheme, _Adapter(pool_connections=1, pool_maxsize=2 * REQUESTS, max_retries=0))
    return made
