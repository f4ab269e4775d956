"""Lists the images' container, a page at a time, so that a listing can be continued later.

The SDK makes an object of some fifty attributes of each blob it lists, which takes twenty times as long as the few that
are needed here. So it is asked for the names alone, and the rest is read from the XML that it has parsed for them.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import ContentDecodePolicy
from azure.storage.blob import ContainerClient

from image_metadata import settings
from image_metadata.errors import ContinuationRefusedError, TransientStorageError
from image_metadata.model import Upload
from image_metadata.storage.blobs import marks_directory, service
from image_metadata.storage.errors import answer_of, error_code
from image_metadata.text import printable

_PAGE = 5000


@dataclass(frozen=True, slots=True)
class ListedBlob:
    """A blob as it is listed.

    Attributes:
        upload: its current state.
        uploaded_at: when that was uploaded, in UTC.
        is_accessible: not in the archive tier, not being rehydrated, not encrypted with a customer-provided key.
    """

    upload: Upload
    uploaded_at: datetime
    is_accessible: bool


@dataclass(frozen=True, slots=True)
class Page:
    """At most 5,000 blobs; ``continuation`` is where the next page begins, None after the last one."""

    blobs: list[ListedBlob]
    continuation: str | None


def list_page(
    container: str, continuation: str | None = None, prefix: str = "", client: ContainerClient | None = None
) -> Page:
    """List one page of the blobs whose names begin with the prefix; directories of a hierarchical account are left out.

    ``client`` is the app's own unless a tool brings one that gives up sooner.

    Raises:
        ContinuationRefusedError: storage refuses the continuation.
        TransientStorageError: storage did not list it.
    """
    account = settings.image_storage().account
    try:
        parsed = _answer(client or service().get_container_client(container), continuation, prefix)
        return Page(list(_blobs(parsed, account, container)), parsed.findtext("NextMarker") or None)
    except HttpResponseError as error:
        found = f"HTTP status {error.status_code} {printable(error_code(error))}"
        if continuation and error.status_code == HTTPStatus.BAD_REQUEST:
            raise ContinuationRefusedError(
                f"expected storage to continue the listing of the container {printable(container)}, found {found}; "
                "list it from its beginning"
            ) from None
        raise _cannot_list(container, found) from None
    except (AzureError, OSError, ValueError) as error:
        raise _cannot_list(container, answer_of(error)) from None


def _answer(client: ContainerClient, continuation: str | None, prefix: str) -> ET.Element:
    """What List Blobs answers; ValueError when that is no XML."""
    answers: list[PipelineResponse[Any, Any]] = []
    pages = client.list_blob_names(
        name_starts_with=prefix or None,
        include=["metadata"],
        results_per_page=_PAGE,
        raw_response_hook=answers.append,
    ).by_page(continuation)
    # The SDK looks for elements in whatever a garbled answer was parsed to.
    with suppress(AttributeError):
        next(pages, None)
    parsed = answers[-1].context.get(ContentDecodePolicy.CONTEXT_NAME) if answers else None
    if not isinstance(parsed, ET.Element):
        raise ValueError("XML")  # noqa: TRY004  # of the answer, not of an argument
    return parsed


def _cannot_list(container: str, found: str) -> TransientStorageError:
    return TransientStorageError(
        f"expected storage to list the container {printable(container)}, found {found}; "
        "check ImageStorage, the role Storage Blob Data Reader and the network"
    )


def _blobs(parsed: ET.Element, account: str, container: str) -> Iterator[ListedBlob]:
    """Read the answer of List Blobs; ValueError when it is none, or a blob lacks what every one has."""
    listed = parsed.find("Blobs")
    if listed is None:
        raise ValueError("Blobs")
    for blob in listed.iterfind("Blob"):
        name, properties = blob.find("Name"), blob.find("Properties")
        if name is None or not name.text or properties is None:
            raise ValueError("Blob")
        etag, uploaded_at = properties.findtext("Etag"), properties.findtext("Last-Modified", "")
        if not etag:
            raise ValueError("Etag")
        if not _is_directory(blob):
            # A name that XML cannot carry comes percent-encoded (List Blobs, version 2021-02-12 and later).
            decoded = unquote(name.text) if name.get("Encoded") == "true" else name.text
            upload = Upload(account, container, decoded, etag)
            yield ListedBlob(upload, parsedate_to_datetime(uploaded_at), _is_accessible(properties))


def _is_accessible(properties: ET.Element) -> bool:
    is_offline = properties.findtext("AccessTier") == "Archive" or properties.find("ArchiveStatus") is not None
    return not is_offline and properties.find("CustomerProvidedKeySha256") is None


def _is_directory(blob: ET.Element) -> bool:
    metadata = blob.find("Metadata")
    return metadata is not None and marks_directory({each.tag: each.text or "" for each in metadata})
