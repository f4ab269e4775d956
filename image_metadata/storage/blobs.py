"""Blob storage: the one module that speaks to it.

A state of a blob is read by ranged requests. The first answers with the entity tag, the later ones
carry it as ``If-Match``, so that bytes of two states are never mixed.
"""

import base64
import hashlib
import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from http import HTTPStatus
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.core.pipeline import PipelineResponse
from azure.storage.blob import BlobClient, BlobProperties, BlobServiceClient

from image_metadata import settings
from image_metadata.errors import BlobInaccessibleError, TransientStorageError
from image_metadata.headers.reader import FIRST_READ
from image_metadata.model import BlobFacts, Upload
from image_metadata.storage.transport import transport
from image_metadata.text import printable

# The SDK logs every request and response at INFO, with URLs and headers.
logging.getLogger("azure.core.pipeline.policies.http_logging_policy").setLevel(logging.WARNING)

_LONGEST_CONTENT_TYPE = 127

# The identity got no token, so storage was not even asked.
_NO_SIGN_IN = 0

_NEXT_MOVES: dict[int, str] = {
    _NO_SIGN_IN: "check ImageStorage__credential, ImageStorage__clientId and the app's identity",
    HTTPStatus.UNAUTHORIZED: "check the setting ImageStorage",
    HTTPStatus.FORBIDDEN: "check ImageStorage, the role Storage Blob Data Reader and the account's firewall",
}

_INACCESSIBLE_NEXT_MOVES = {
    "BlobArchived": "the blob is in the archive tier; move it to an online tier, then run imagectl retry",
    "BlobBeingRehydrated": "the blob is being moved out of the archive tier; run imagectl retry when that is done",
    "BlobUsesCustomerSpecifiedEncryption": (
        "the blob is encrypted with a key that its uploader keeps; upload it again without one"
    ),
}


class BlobDeletedError(Exception):
    """The blob does not exist, or no longer."""


class BlobChangedError(Exception):
    """The blob was overwritten while it was being read."""


@dataclass(frozen=True)
class OpenBlob:
    """A blob state in reading.

    Attributes:
        upload: the state, by the entity tag that the first answer carried.
        facts: what storage says about it.
        first: its first bytes, at most ``FIRST_READ``.
        fetch: ``fetch(offset, length)`` returns further bytes of the same state.
    """

    upload: Upload
    facts: BlobFacts
    first: bytes
    fetch: Callable[[int, int], bytes]


def open_blob(container: str, name: str) -> OpenBlob:
    """Read the first bytes of a blob's present state, in one request.

    Raises:
        BlobDeletedError: there is no such blob; BlobChangedError: also from ``fetch``.
        BlobInaccessibleError: archived, or encrypted with a key that the app has not.
        TransientStorageError: anything else that storage or the way to it answers.
    """
    client = service().get_blob_client(container, name)
    with _named_errors(client):
        properties, size, first = _first_read(client)
    upload = Upload(settings.image_storage().account, container, name, properties.etag)
    if properties.copy.status == "pending":
        raise TransientStorageError(
            f"expected to read {upload}, found that it is still being copied; wait for the next attempt"
        )

    def fetch(offset: int, length: int) -> bytes:
        with _named_errors(client):
            only_this_state = {"etag": properties.etag, "match_condition": MatchConditions.IfNotModified}
            return _download(client, offset, length, **only_this_state)[1]

    return OpenBlob(upload, _facts(properties, size), first, fetch)


def _first_read(client: BlobClient) -> tuple[BlobProperties, int, bytes]:
    """Properties, size of the whole blob, and first bytes, all of one state."""
    try:
        properties, first = _download(client, 0, FIRST_READ)
    except HttpResponseError as error:
        if error.status_code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
    else:
        return properties, _size(properties), first
    # Every range of an empty blob is unsatisfiable, so another request has to fetch its properties.
    properties = _whole(client.get_blob_properties())
    if properties.size:
        raise BlobChangedError
    return properties, 0, b""


def _download(client: BlobClient, offset: int, length: int, **condition: Any) -> tuple[BlobProperties, bytes]:
    """One ranged request: the blob's properties and the bytes, checked against the checksum that came with them.

    Storage computes that checksum on request, for up to 4 MiB; it catches what a connection without TLS garbles.
    """
    answers: list[PipelineResponse[Any, Any]] = []
    download = client.download_blob(
        offset,
        length,
        # Content-Encoding describes the whole blob: a part of it cannot be decompressed.
        decompress=False,
        headers={"x-ms-range-get-content-md5": "true"},
        raw_response_hook=answers.append,
        **condition,
    )
    content = download.readall()
    properties = _whole(download.properties)
    if len(content) != min(length, _size(properties) - offset):
        raise ValueError("length")
    expected = answers[-1].http_response.headers.get("Content-MD5")
    if expected and base64.b64decode(expected) != hashlib.md5(content, usedforsecurity=False).digest():
        raise ValueError("checksum")
    return properties, content


def _size(properties: BlobProperties) -> int:
    """Of the whole blob, from the answer to a ranged request."""
    return int(str(properties.content_range).rpartition("/")[2])


def _whole(properties: BlobProperties) -> BlobProperties:
    """The properties, unless some are missing: the HTTP client takes an answer that is cut within its head for one.

    Raises:
        ValueError: the answer was cut.
    """
    if not properties.etag or properties.last_modified is None or properties.size is None:
        raise ValueError("head")
    return properties


def current_upload(container: str, name: str) -> Upload | None:
    """Ask for the present state of a blob; None when it is deleted.

    Raises:
        TransientStorageError: storage did not answer.
    """
    client = service().get_blob_client(container, name)
    try:
        with _named_errors(client):
            etag: str | None = _whole(client.get_blob_properties()).etag
    except BlobDeletedError:
        return None
    except BlobInaccessibleError:
        # Without its key a blob answers no question about itself; the listing still tells its entity tag.
        with _named_errors(client):
            listing = service().get_container_client(container).list_blobs(name_starts_with=name)
            etag = next((blob.etag for blob in listing if blob.name == name), None)
    return Upload(settings.image_storage().account, container, name, etag) if etag else None


@cache
def service() -> BlobServiceClient:
    """The client of the images' storage account: one for the whole process, safe in threads."""
    found = settings.image_storage()
    # Waits of 1, 3 and 5 s, each ± 1 s.
    options: dict[str, Any] = {"initial_backoff": 1, "increment_base": 2, "random_jitter_range": 1, "retry_total": 3}
    options["transport"] = transport()
    if found.connection_string is not None:
        return BlobServiceClient.from_connection_string(found.connection_string, **options)
    return BlobServiceClient(str(found.blob_url), credential=credential(found), **options)


def credential(found: settings.StorageSettings) -> Any:
    """The identity that the settings name: the app's managed one only, or also the developer's sign-in."""
    # With a connection string the app starts a quarter of a second sooner.
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential  # noqa: PLC0415  # imported where used

    if found.managed_identity:
        return ManagedIdentityCredential(client_id=found.client_id)
    return DefaultAzureCredential(managed_identity_client_id=found.client_id)


@contextmanager
def _named_errors(client: BlobClient) -> Generator[None]:
    """Turn what the SDK raises into our few errors.

    The SDK's own texts stay behind, as they quote URLs, and a URL may carry a SAS.
    """
    blob = printable(f"{client.container_name}/{client.blob_name}")
    try:
        yield
    except ResourceNotFoundError:
        raise BlobDeletedError from None
    except HttpResponseError as error:
        code = _code(error)
        if error.status_code == HTTPStatus.PRECONDITION_FAILED:
            raise BlobChangedError from None
        if code in _INACCESSIBLE_NEXT_MOVES:
            raise BlobInaccessibleError(
                f"expected to read {blob}, found {code}: {_INACCESSIBLE_NEXT_MOVES[code]}"
            ) from None
        status = error.status_code or _NO_SIGN_IN
        found = f"HTTP status {status} {printable(code)}" if status else f"no sign-in ({type(error).__name__})"
        raise TransientStorageError(
            f"expected to read {blob}, found {found}; {_NEXT_MOVES.get(status, 'wait for the next attempt')}"
        ) from None
    except (AzureError, OSError, ValueError) as error:
        raise TransientStorageError(
            f"expected to read {blob}, found no sound answer from storage ({type(error).__name__}); "
            "check the network if it goes on"
        ) from None


def _code(error: HttpResponseError) -> str:
    """Storage's own code of an error, which the SDK gives as text or as a member of an enumeration."""
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code))


def _facts(properties: BlobProperties, size: int) -> BlobFacts:
    content = properties.content_settings
    md5 = content.content_md5
    return BlobFacts(
        size=size,
        uploaded_at=properties.last_modified.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000"),
        content_type=(content.content_type or "")[:_LONGEST_CONTENT_TYPE] or None,
        content_md5=base64.b64encode(md5).decode() if isinstance(md5, bytes | bytearray) else md5 or None,
    )
