"""What storage can answer and Azurite does not: customer keys, refusals, copies under way, garbled bytes."""

import base64
import hashlib

import azure.identity
import pytest
from azure.identity import CredentialUnavailableError

from image_metadata.errors import BlobInaccessibleError, TransientStorageError
from image_metadata.model import Upload
from image_metadata.storage.blobs import current_upload, open_blob
from tests.support.blob_service import answering

UNKNOWN_KEY = "BlobUsesCustomerSpecifiedEncryption"
HALF_COPIED = {
    "ETag": '"0x1"',
    "Last-Modified": "Sun, 22 Nov 2026 06:28:51 GMT",
    "Content-Range": "bytes 0-0/1",
    "x-ms-copy-status": "pending",
}


def checksum(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


def test_a_blob_with_a_customer_provided_key_is_inaccessible(storage):
    with answering(409, {"x-ms-error-code": UNKNOWN_KEY}) as account:
        storage(account)
        with pytest.raises(BlobInaccessibleError, match=f"found {UNKNOWN_KEY}: the blob is encrypted with a customer"):
            open_blob("images", "a.png")


def test_a_blob_with_a_customer_provided_key_is_announced_by_its_listed_etag(storage):
    with answering(409, {"x-ms-error-code": UNKNOWN_KEY}) as account:
        storage(account)
        assert current_upload("images", "a.png") == Upload("pictures", "images", "a.png", "0x2")


def test_a_refusal_names_what_to_check(storage):
    with answering(403, {"x-ms-error-code": "AuthorizationFailure"}) as account:
        storage(account)
        with pytest.raises(TransientStorageError, match="403 AuthorizationFailure; check ImageStorage, the role"):
            open_blob("images", "a.png")


def test_a_copy_under_way_is_a_transient_error(storage):
    with answering(206, HALF_COPIED, b"x") as account:
        storage(account)
        with pytest.raises(TransientStorageError, match="still being copied"):
            open_blob("images", "a.png")


def test_an_identity_that_cannot_sign_in_is_named(storage, monkeypatch: pytest.MonkeyPatch):
    class NoIdentity:
        def __init__(self, **_: object) -> None: ...

        def get_token(self, *_: str, **__: object) -> None:
            raise CredentialUnavailableError("no identity here")

    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(azure.identity, "ManagedIdentityCredential", NoIdentity)
    monkeypatch.setenv("ImageStorage__accountName", "pictures")
    monkeypatch.setenv("ImageStorage__credential", "managedidentity")
    storage("")
    with pytest.raises(TransientStorageError, match=r"no sign-in \(CredentialUnavailableError\); check ImageSto"):
        open_blob("images", "a.png")


@pytest.mark.parametrize("left", [{}, {"ETag": '"0x1"'}, {"Last-Modified": HALF_COPIED["Last-Modified"]}])
def test_an_answer_cut_within_its_headers_is_a_transient_error_and_not_a_deleted_blob(storage, left: dict[str, str]):
    with answering(200, left) as account:
        storage(account)
        with pytest.raises(TransientStorageError, match="found no valid answer"):
            current_upload("images", "a.png")


def test_an_answer_cut_within_its_bytes_is_a_transient_error_and_not_a_rejection(storage):
    whole = {key: value for key, value in HALF_COPIED.items() if key != "x-ms-copy-status"}
    with answering(206, whole | {"Content-Range": "bytes 0-99/100"}, b"\x89PNG") as account:
        storage(account)
        with pytest.raises(TransientStorageError, match="found no valid answer"):
            open_blob("images", "a.png")


WHOLE = {key: value for key, value in HALF_COPIED.items() if key != "x-ms-copy-status"} | {
    "Content-Range": "bytes 0-3/4"
}


def test_an_answer_that_fits_its_checksum_is_read(storage):
    with answering(206, WHOLE | {"Content-MD5": checksum(b"abcd")}, b"abcd") as account:
        storage(account)
        assert open_blob("images", "a.png").first == b"abcd"


def test_a_garbled_answer_is_a_transient_error_and_not_a_rejection(storage):
    with answering(206, WHOLE | {"Content-MD5": checksum(b"abcd")}, b"abxd") as account:
        storage(account)
        with pytest.raises(TransientStorageError, match="found no valid answer"):
            open_blob("images", "a.png")


def test_a_garbled_answer_is_noticed_although_storage_sends_the_checksum_that_the_uploader_stored(storage):
    stored = {"Content-MD5": checksum(b"abcd"), "x-ms-blob-content-md5": checksum(b"abcd")}
    with answering(206, WHOLE | stored, b"abxd", b"abcd") as account:
        storage(account)
        with pytest.raises(TransientStorageError, match="found no valid answer"):
            open_blob("images", "a.png")


def test_a_wrong_checksum_that_the_uploader_stored_costs_one_more_request_and_nothing_else(storage):
    stored = {"Content-MD5": checksum(b"other"), "x-ms-blob-content-md5": checksum(b"other")}
    with answering(206, WHOLE | stored, b"abcd", b"abcd") as account:
        storage(account)
        assert open_blob("images", "a.png").first == b"abcd"


@pytest.mark.parametrize("code", ["ContainerNotFound", "ResourceNotFound", ""])
def test_a_404_that_is_not_about_the_blob_is_a_transient_error(storage, code: str):
    with answering(404, {"x-ms-error-code": code}) as account:
        storage(account)
        with pytest.raises(TransientStorageError, match="check that ImageStorage names the right account"):
            open_blob("images", "a.png")
        with pytest.raises(TransientStorageError, match="404"):
            current_upload("images", "a.png")


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Sun, 22 Nov 2026 06:28:51 GMT", "2026-11-22T06:28:51.999"),  # our clock is ahead of storage's
        ("Sun, 22 Nov 2099 06:28:51 GMT", "2099-11-22T06:28:51.000"),  # behind
    ],
)
def test_the_time_of_reading_is_storages_where_the_clocks_differ(storage, date: str, expected: str):
    with answering(206, WHOLE | {"Date": date}, b"abcd") as account:
        storage(account)
        assert open_blob("images", "a.png").facts.read_at == expected
