"""What storage can answer and Azurite does not: customer keys, refusals, copies under way, no sign-in."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import azure.identity
import pytest
from azure.identity import CredentialUnavailableError

from image_metadata.errors import BlobInaccessibleError, TransientStorageError
from image_metadata.model import Upload
from image_metadata.storage import blobs
from image_metadata.storage.blobs import current_upload, open_blob

UNKNOWN_KEY = "BlobUsesCustomerSpecifiedEncryption"
LISTING = (
    b'<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="images"><Blobs>'
    b"<Blob><Name>a.png</Name><Properties><Etag>0x2</Etag><BlobType>BlockBlob</BlobType></Properties></Blob>"
    b"<Blob><Name>a.png.old</Name><Properties><Etag>0x1</Etag><BlobType>BlockBlob</BlobType></Properties></Blob>"
    b"</Blobs><NextMarker /></EnumerationResults>"
)
HALF_COPIED = {
    "ETag": '"0x1"',
    "Last-Modified": "Sun, 22 Nov 2026 06:28:51 GMT",
    "Content-Range": "bytes 0-0/1",
    "x-ms-copy-status": "pending",
}


@contextmanager
def answering(status: int, headers: dict[str, str], content: bytes = b"") -> Iterator[str]:
    """A blob service that answers requests about a blob with this, and lists two."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listed = "comp=list" in self.path
            body = LISTING if listed else content
            self.send_response(200 if listed else status)
            for name, value in ({"Content-Type": "application/xml"} if listed else headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)

        do_HEAD = do_GET  # noqa: N815  # as above

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"AccountName=pictures;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:{server.server_port}/pictures"
        server.shutdown()


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch):
    """Point the app to an account by its connection string."""
    blobs.service.cache_clear()
    yield lambda connection_string: monkeypatch.setenv("ImageStorage", connection_string)
    blobs.service.cache_clear()


def test_a_blob_with_a_key_of_its_uploader_cannot_be_read_now(storage):
    with answering(409, {"x-ms-error-code": UNKNOWN_KEY}) as account:
        storage(account)
        with pytest.raises(BlobInaccessibleError, match=f"found {UNKNOWN_KEY}: the blob is encrypted with a key"):
            open_blob("images", "a.png")


def test_a_blob_with_a_key_of_its_uploader_is_announced_by_its_listed_entity_tag(storage):
    with answering(409, {"x-ms-error-code": UNKNOWN_KEY}) as account:
        storage(account)
        assert current_upload("images", "a.png") == Upload("pictures", "images", "a.png", "0x2")


def test_a_refusal_names_what_to_check(storage):
    with answering(403, {"x-ms-error-code": "AuthorizationFailure"}) as account:
        storage(account)
        with pytest.raises(TransientStorageError, match="403 AuthorizationFailure; check ImageStorage, the role"):
            open_blob("images", "a.png")


def test_a_copy_under_way_is_waited_for(storage):
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
def test_an_answer_that_was_cut_within_its_head_is_trouble_and_no_deleted_blob(storage, left: dict[str, str]):
    with answering(200, left) as account:
        storage(account)
        with pytest.raises(TransientStorageError, match="found no sound answer"):
            current_upload("images", "a.png")


def test_an_answer_that_ends_before_its_bytes_is_trouble_and_no_finding(storage):
    whole = {key: value for key, value in HALF_COPIED.items() if key != "x-ms-copy-status"}
    with answering(206, whole | {"Content-Range": "bytes 0-99/100"}, content=b"\x89PNG") as account:
        storage(account)
        with pytest.raises(TransientStorageError, match="found no sound answer"):
            open_blob("images", "a.png")
