"""Blobs of the images' account: read one, or ask for the state of one.

A state is read by ranged requests. The first answers with the ETag, the later ones carry it as ``If-Match``, so that
bytes of two states are never mixed.
"""

import base64
import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from typing import Any, NamedTuple

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline import PipelineResponse
from azure.storage.blob import BlobClient, BlobProperties, BlobServiceClient

from image_metadata import settings
from image_metadata.errors import BlobInaccessibleError, TransientStorageError
from image_metadata.headers.reader import FIRST_READ
from image_metadata.model import BlobFacts, Upload
from image_metadata.storage.errors import BlobChangedError, BlobDeletedError, storage_errors
from image_metadata.storage.transport import transport
from image_metadata.storage.uploader_metadata import as_json
from image_metadata.text import printable
from image_metadata.timestamps import utc_text

# The SDK logs every request and response at INFO, with URLs and headers.
logging.getLogger("azure.core.pipeline.policies.http_logging_policy").setLevel(logging.WARNING)

_LOG = logging.getLogger(__name__)
_LONGEST_CONTENT_TYPE = 127
_LAST_MILLISECOND = timedelta(milliseconds=999)
_SAME_STATE = MatchConditions.IfNotModified


class OpenBlob(NamedTuple):
    """A blob state that is being read.

    Attributes:
        upload: the state, by the ETag of the first answer.
        facts: what storage says about it.
        is_directory: it stands for a directory of a hierarchical account, and has no content.
        first: its first bytes, at most ``FIRST_READ``.
        fetch: ``fetch(offset, length)`` returns further bytes of the same state.
    """

    upload: Upload
    facts: BlobFacts
    is_directory: bool
    first: bytes
    fetch: Callable[[int, int], bytes]


class _Answer(NamedTuple):
    """What one ranged request was answered with; ``at`` is when, as ISO 8601 in UTC with milliseconds."""

    properties: BlobProperties
    size: int
    content: bytes
    at: str


def open_blob(container: str, name: str) -> OpenBlob:
    """Read the first bytes of a blob's current state, in one request.

    Raises:
        BlobDeletedError: there is no such blob; BlobChangedError: also from ``fetch``.
        BlobInaccessibleError: archived, being rehydrated, or encrypted with a customer-provided key.
        TransientStorageError: anything else that storage or the network answers.
    """
    client = service().get_blob_client(container, name)
    with storage_errors(client):
        answer = _first_read(client)
    etag = answer.properties.etag
    upload = Upload(settings.image_storage().account, container, name, etag)
    if answer.properties.copy.status == "pending":
        raise TransientStorageError(
            f"expected to read {upload}, found that it is still being copied; wait for the next attempt"
        )

    def fetch(offset: int, length: int) -> bytes:
        with storage_errors(client):
            return _download(client, offset, length, etag=etag, match_condition=_SAME_STATE).content

    return OpenBlob(
        upload, _facts(answer, name), marks_directory(answer.properties.metadata or {}), answer.content, fetch
    )


class Observation(NamedTuple):
    """What storage answered about a blob.

    Attributes:
        upload: its current state; None when it is deleted or a directory.
        at: when storage answered, by its own clock, UTC as ISO 8601 with milliseconds.
    """

    upload: Upload | None
    at: str


def current_upload(container: str, name: str, **options: Any) -> Upload | None:
    """The current state of a blob, as `observe` asks for it."""
    return observe(container, name, **options).upload


def observe(container: str, name: str, **options: Any) -> Observation:
    """Ask for the current state of a blob; that it is deleted or a directory is logged.

    Args:
        container: its container.
        name: its decoded name.
        options: of the SDK, for this request: ``retry_total``, ``connection_timeout``, ``read_timeout`` (seconds).

    Raises:
        TransientStorageError: storage did not answer.
    """
    answers: list[PipelineResponse[Any, Any]] = []
    etag = _current_etag(container, name, raw_response_hook=answers.append, **options)
    upload = Upload(settings.image_storage().account, container, name, etag) if etag else None
    return Observation(upload, answered_at(answers[-1]))


def _current_etag(container: str, name: str, **options: Any) -> str | None:
    client = service().get_blob_client(container, name)
    blob = printable(f"{container}/{name}")
    try:
        with storage_errors(client):
            properties = _complete(client.get_blob_properties(**options))
    except BlobDeletedError:
        _LOG.info("%s does not exist", blob)
        return None
    except BlobInaccessibleError:
        # Without its key a blob answers no question about itself; the listing still tells its ETag.
        with storage_errors(client):
            listing = service().get_container_client(container).list_blobs(name_starts_with=name, **options)
            return next((each.etag for each in listing if each.name == name), None)
    if marks_directory(properties.metadata or {}):
        _LOG.info("%s is a directory, so there is nothing to read", blob)
        return None
    return properties.etag


def _first_read(client: BlobClient) -> _Answer:
    """The first bytes, and properties of the same state."""
    try:
        return _download(client, 0, FIRST_READ)
    except HttpResponseError as error:
        if error.status_code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
    # Every range of an empty blob is unsatisfiable, so another request has to fetch its properties.
    answers: list[PipelineResponse[Any, Any]] = []
    properties = _complete(client.get_blob_properties(raw_response_hook=answers.append))
    if properties.size:
        raise BlobChangedError
    return _Answer(properties, 0, b"", answered_at(answers[-1]))


def _download(client: BlobClient, offset: int, length: int, **condition: Any) -> _Answer:
    """One ranged request, its bytes checked against the checksum that came with them.

    Storage computes that checksum on request, for up to 4 MiB; it detects what a connection without TLS garbles.
    """
    response, answer = _request(client, offset, length, **condition)
    checksum = response.get("Content-MD5")
    if not checksum or checksum == _md5(answer.content):
        return answer
    # For a range that covers the whole blob, storage may answer with the checksum that the uploader stored, which
    # nobody has verified. What arrives twice the same was not garbled.
    if checksum != response.get("x-ms-blob-content-md5"):
        raise ValueError("checksum")
    _, again = _request(client, offset, length, etag=answer.properties.etag, match_condition=_SAME_STATE)
    if again.content != answer.content:
        raise ValueError("checksum")
    return answer


def _request(client: BlobClient, offset: int, length: int, **condition: Any) -> tuple[Mapping[str, str], _Answer]:
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
    properties = _complete(download.properties)
    size = int(str(properties.content_range).rpartition("/")[2])
    if len(content) != min(length, size - offset):
        raise ValueError("length")
    return answers[-1].http_response.headers, _Answer(properties, size, content, answered_at(answers[-1]))


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def answered_at(response: PipelineResponse[Any, Any]) -> str:
    """When storage answered, by its own clock, which orders the states of a blob; within the second by ours."""
    now = datetime.now(UTC)
    date = response.http_response.headers.get("Date")
    if date:
        second = parsedate_to_datetime(date).astimezone(UTC)
        now = max(second, min(now, second + _LAST_MILLISECOND))
    return utc_text(now)


def _complete(properties: BlobProperties) -> BlobProperties:
    """The properties, unless some are missing: the HTTP client accepts an answer that is cut within its headers.

    Raises:
        ValueError: the answer was cut.
    """
    if not properties.etag or properties.last_modified is None or properties.size is None:
        raise ValueError("headers")
    return properties


def marks_directory(metadata: Mapping[str, str]) -> bool:
    """Whether a blob with this metadata stands for a directory: of a hierarchical account, or the marker of a tool."""
    return any(key.lower() == "hdi_isfolder" and value.lower() == "true" for key, value in metadata.items())


def _facts(answer: _Answer, name: str) -> BlobFacts:
    content = answer.properties.content_settings
    md5 = content.content_md5
    metadata, omitted = as_json(answer.properties.metadata, name)
    return BlobFacts(
        size=answer.size,
        uploaded_at=utc_text(answer.properties.last_modified),
        read_at=answer.at,
        content_type=(content.content_type or "")[:_LONGEST_CONTENT_TYPE] or None,
        content_md5=base64.b64encode(md5).decode() if isinstance(md5, bytes | bytearray) else md5 or None,
        metadata=metadata,
        metadata_omitted=omitted,
    )


@cache
def service() -> BlobServiceClient:
    """The client of the images' storage account: one for the whole process, safe in threads."""
    storage = settings.image_storage()
    # Waits of 1, 3 and 5 s, each ± 1 s.
    options: dict[str, Any] = {"initial_backoff": 1, "increment_base": 2, "random_jitter_range": 1, "retry_total": 3}
    options["transport"] = transport()
    if storage.connection_string is not None:
        return BlobServiceClient.from_connection_string(storage.connection_string, **options)
    return BlobServiceClient(str(storage.blob_url), credential=credential(storage), **options)


def credential(storage: settings.StorageSettings) -> Any:
    """The identity that the settings name: the app's managed one only, or also the developer's sign-in."""
    # With a connection string the app starts a quarter of a second sooner.
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential  # noqa: PLC0415  # imported where used

    if storage.managed_identity:
        return ManagedIdentityCredential(client_id=storage.client_id)
    return DefaultAzureCredential(managed_identity_client_id=storage.client_id)
