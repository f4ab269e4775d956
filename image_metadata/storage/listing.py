"""Lists the images' container, a page at a time, so that a listing can be continued later."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.pipeline import PipelineResponse
from azure.storage.blob import BlobProperties, ContainerClient

from image_metadata import settings
from image_metadata.errors import ContinuationRefusedError, TransientStorageError
from image_metadata.model import Upload
from image_metadata.storage.blobs import is_directory, service
from image_metadata.storage.errors import error_code
from image_metadata.text import printable

_PAGE = 5000
_CUSTOMER_KEY = "CustomerProvidedKeySha256"


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
    answers: list[PipelineResponse[Any, Any]] = []
    try:
        pages = (
            (client or service().get_container_client(container))
            .list_blobs(
                name_starts_with=prefix or None,
                include=["metadata"],
                results_per_page=_PAGE,
                raw_response_hook=answers.append,
            )
            .by_page(continuation)
        )
        listed = list(next(pages, ()))
        encrypted = _with_customer_key(answers[-1].http_response.body()) if answers else set()
    except HttpResponseError as error:
        found = f"HTTP status {error.status_code} {printable(error_code(error))}"
        if continuation and error.status_code == HTTPStatus.BAD_REQUEST:
            raise ContinuationRefusedError(
                f"expected storage to continue the listing of the container {printable(container)}, found {found}; "
                "list it from its beginning"
            ) from None
        raise _cannot_list(container, found) from None
    except (AzureError, OSError, ValueError, ET.ParseError) as error:
        raise _cannot_list(container, f"no valid answer ({type(error).__name__})") from None
    blobs = [_blob(account, container, blob, encrypted) for blob in listed if not is_directory(blob)]
    return Page(blobs, getattr(pages, "continuation_token", None) or None)


def _cannot_list(container: str, found: str) -> TransientStorageError:
    return TransientStorageError(
        f"expected storage to list the container {printable(container)}, found {found}; "
        "check ImageStorage, the role Storage Blob Data Reader and the network"
    )


def _blob(account: str, container: str, blob: BlobProperties, encrypted: set[str]) -> ListedBlob:
    upload = Upload(account, container, blob.name, blob.etag)
    offline = blob.blob_tier == "Archive" or blob.archive_status is not None
    return ListedBlob(upload, blob.last_modified, not offline and blob.name not in encrypted)


def _with_customer_key(body: bytes) -> set[str]:
    """The names of the blobs that are encrypted with a customer-provided key, which the SDK does not pass on."""
    if _CUSTOMER_KEY.encode() not in body:
        return set()
    blobs = ET.fromstring(body).iter("Blob")  # noqa: S314  # storage's own answer, which the SDK has parsed
    return {_name(blob) for blob in blobs if blob.find(f"Properties/{_CUSTOMER_KEY}") is not None}


def _name(blob: ET.Element) -> str:
    name = blob.find("Name")
    if name is None:
        return ""
    return unquote(name.text or "") if name.get("Encoded") == "true" else name.text or ""
