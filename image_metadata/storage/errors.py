"""What storage's answers mean: the SDK's exceptions as the few errors of this app."""

from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus

from azure.core.exceptions import AzureError, HttpResponseError, ServiceRequestError
from azure.storage.blob import BlobClient

from image_metadata.errors import BlobInaccessibleError, TransientStorageError
from image_metadata.text import printable

# The identity got no token, so storage was not even asked.
_NO_SIGN_IN = 0

_NEXT_MOVES: dict[int, str] = {
    _NO_SIGN_IN: "check ImageStorage__credential, ImageStorage__clientId and the app's identity",
    HTTPStatus.UNAUTHORIZED: "check the setting ImageStorage",
    HTTPStatus.FORBIDDEN: "check ImageStorage, the role Storage Blob Data Reader and the account's firewall",
    HTTPStatus.NOT_FOUND: "check that ImageStorage names the right account and that the container exists",
}

_INACCESSIBLE_NEXT_MOVES = {
    "BlobArchived": "the blob is in the archive tier; move it to an online tier, then run imagectl retry",
    "BlobBeingRehydrated": "the blob is being moved out of the archive tier; run imagectl retry when that is done",
    "BlobUsesCustomerSpecifiedEncryption": (
        "the blob is encrypted with a customer-provided key; upload it again without one"
    ),
}


class BlobDeletedError(Exception):
    """The blob does not exist, or no longer."""


class BlobChangedError(Exception):
    """The blob was overwritten while it was being read."""


@contextmanager
def storage_errors(client: BlobClient) -> Generator[None]:
    """Turn what the SDK raises about a blob into this app's errors.

    The SDK's own texts are not passed on: they quote URLs, and a URL may carry a SAS.

    Raises:
        BlobDeletedError: container and account exist, the blob does not.
        BlobChangedError: the condition ``If-Match`` failed.
        BlobInaccessibleError: archived, being rehydrated, or encrypted with a customer-provided key.
        TransientStorageError: anything else.
    """
    blob = printable(f"{client.container_name}/{client.blob_name}")
    try:
        yield
    except HttpResponseError as error:
        raise _meaning(error, blob) from None
    except (AzureError, OSError, ValueError) as error:
        raise TransientStorageError(
            f"expected to read {blob}, found {answer_of(error)} from storage; check the network if this continues"
        ) from None


def _meaning(error: HttpResponseError, blob: str) -> Exception:
    code = error_code(error)
    if code == "BlobNotFound":
        return BlobDeletedError()
    if error.status_code == HTTPStatus.PRECONDITION_FAILED:
        return BlobChangedError()
    if code in _INACCESSIBLE_NEXT_MOVES:
        return BlobInaccessibleError(f"expected to read {blob}, found {code}: {_INACCESSIBLE_NEXT_MOVES[code]}")
    status = error.status_code or _NO_SIGN_IN
    found = f"HTTP status {status} {printable(code)}" if status else f"no sign-in ({type(error).__name__})"
    return TransientStorageError(
        f"expected to read {blob}, found {found}; {_NEXT_MOVES.get(status, 'wait for the next attempt')}"
    )


def answer_of(error: Exception) -> str:
    """What there was instead of an answer with an HTTP status; the SDK's own words quote URLs."""
    return "no answer" if isinstance(error, ServiceRequestError) else "no valid answer"


def error_code(error: HttpResponseError) -> str:
    """Storage's own code of an error, which the SDK gives as text or as a member of an enumeration."""
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code))
