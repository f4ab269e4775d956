"""The blobs of the container, and which of them have no row."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.pipeline import PipelineResponse
from azure.storage.blob import ContainerClient

from image_metadata import settings
from image_metadata.errors import TransientStorageError
from image_metadata.intake import CONTAINER
from image_metadata.storage.blobs import answered_at
from image_metadata.storage.errors import answer_of, error_code
from image_metadata.storage.listing import ListedBlob, list_page
from image_metadata.text import printable
from imagectl.errors import UnreachableError
from imagectl.pipeline.rows import LOOK_UP, with_row
from imagectl.pipeline.storage_client import container_client

STORAGE = "the storage that ImageStorage names"


@dataclass(frozen=True)
class Images:
    """The container that images are uploaded to.

    Attributes:
        asked_at: when it was asked for, by storage's clock, UTC as ISO 8601 with milliseconds.
    """

    account: str
    container: ContainerClient
    asked_at: str


def images(container: str = CONTAINER) -> Images:
    """The container that the app's settings name; asks once, without retries, whether it is there.

    Raises:
        SettingError: ImageStorage is absent or malformed.
        TransientStorageError: storage does not answer.
        UnreachableError: there is no such container.
    """
    client = container_client(container)
    answers: list[PipelineResponse[Any, Any]] = []
    with transient_storage_error(STORAGE):
        # Without retries: most often nothing is running.
        is_there = client.exists(retry_total=0, raw_response_hook=answers.append)
    if not is_there:
        raise UnreachableError(
            f"expected the container {printable(container)}, but it does not exist; create it, or choose another"
        )
    return Images(settings.image_storage().account, client, answered_at(answers[-1]))


def pages(source: Images, prefix: str = "") -> Iterator[list[ListedBlob]]:
    """List the container, at most 5,000 blobs at a time.

    Raises:
        TransientStorageError: storage did not list it.
    """
    continuation: str | None = None
    while True:
        page = list_page(source.container.container_name, continuation, prefix, source.container)
        yield page.blobs
        continuation = page.continuation
        if continuation is None:
            return


def without_row(listed: Sequence[ListedBlob]) -> Iterator[ListedBlob]:
    """Those with no row in either table, looked up in batches.

    Raises:
        TransientDatabaseError: the database did not answer.
    """
    for start in range(0, len(listed), LOOK_UP):
        asked = {blob.upload.id: blob for blob in listed[start : start + LOOK_UP]}
        known = with_row(list(asked))
        yield from (blob for upload_id, blob in asked.items() if upload_id not in known)


_NEXT_MOVES: dict[int, str] = {
    0: "sign in with az login or azd auth login, or set ImageStorage to a connection string",
    HTTPStatus.BAD_REQUEST: "check the names of container and blob",
    HTTPStatus.INTERNAL_SERVER_ERROR: "try again; Azurite fails on a listing in which a name has a control character",
    HTTPStatus.SERVICE_UNAVAILABLE: "try again in a minute",
}


@contextmanager
def transient_storage_error(what: str) -> Generator[None]:
    """Turn the SDK's exceptions into one sentence; their own texts quote URLs, which may carry a SAS."""
    try:
        yield
    except HttpResponseError as error:
        found = f"HTTP status {error.status_code} {printable(error_code(error))}" if error.status_code else "no sign-in"
        raise TransientStorageError(
            f"expected {what} to answer, found {found}; "
            f"{_NEXT_MOVES.get(error.status_code or 0, 'check ImageStorage, its roles and the account firewall')}"
        ) from None
    except (AzureError, ValueError) as error:
        raise TransientStorageError(
            f"expected {what} to answer, found {answer_of(error)}; "
            "check ImageStorage and the network, or start the local stack with imagectl start"
        ) from None
