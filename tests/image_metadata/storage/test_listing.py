"""A page of the container says which blobs can be read."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from azure.storage.blob import ContainerClient, StandardBlobTier

from image_metadata.errors import ContinuationRefusedError, TransientStorageError
from image_metadata.model import Upload
from image_metadata.storage import blobs
from image_metadata.storage.listing import Page, list_page
from tests.support.blob_service import answering

MODIFIED = "<Last-Modified>Sun, 22 Nov 2026 06:28:51 GMT</Last-Modified><BlobType>BlockBlob</BlobType>"
LISTING = f"""<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="images"><Blobs>
<Blob><Name>open.png</Name><Properties>{MODIFIED}<Etag>0x1</Etag></Properties></Blob>
<Blob><Name>key.png</Name><Properties>{MODIFIED}<Etag>0x2</Etag>
<CustomerProvidedKeySha256>c2hh</CustomerProvidedKeySha256></Properties></Blob>
<Blob><Name Encoded="true">key%01.png</Name><Properties>{MODIFIED}<Etag>0x3</Etag>
<CustomerProvidedKeySha256>c2hh</CustomerProvidedKeySha256></Properties></Blob>
<Blob><Name>cool.png</Name><Properties>{MODIFIED}<Etag>0x4</Etag>
<AccessTier>Archive</AccessTier><ArchiveStatus>rehydrate-pending-to-cool</ArchiveStatus></Properties></Blob>
<Blob><Name>2026</Name><Properties>{MODIFIED}<Etag>0x5</Etag></Properties>
<Metadata><hdi_isfolder>true</hdi_isfolder></Metadata></Blob>
</Blobs><NextMarker>next?</NextMarker></EnumerationResults>"""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content = LISTING.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """The output of a test is what the test says."""


@pytest.fixture
def storage_with_keys(monkeypatch: pytest.MonkeyPatch):
    """A blob service that lists what Azurite cannot hold."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_port}/pictures"
        monkeypatch.setenv("ImageStorage", f"AccountName=pictures;AccountKey=a2V5;BlobEndpoint={endpoint}")
        blobs.service.cache_clear()
        yield
        blobs.service.cache_clear()
        server.shutdown()


@pytest.mark.usefixtures("storage_with_keys")
def test_a_blob_that_is_offline_or_has_a_customer_provided_key_is_inaccessible():
    page = list_page("images")
    assert [(blob.upload.name, blob.is_accessible) for blob in page.blobs] == [
        ("open.png", True),
        ("key.png", False),
        ("key\x01.png", False),
        ("cool.png", False),
    ]
    assert page.continuation == "next?"


def test_a_continuation_that_storage_refuses_is_an_error_of_its_own(storage):
    with answering(400, {"x-ms-error-code": "OutOfRangeInput"}, listing=None) as account:
        storage(account)
        with pytest.raises(ContinuationRefusedError, match="found HTTP status 400 OutOfRangeInput; list it from its"):
            list_page("images", "refused")


def test_the_page_of_a_small_container_is_the_last_one(container: ContainerClient):
    etag = container.upload_blob("a b.png", b"x").get_blob_properties().etag
    container.upload_blob("archived.png", b"x", standard_blob_tier=StandardBlobTier.ARCHIVE)
    page = list_page(container.container_name)
    assert page.continuation is None
    assert page.blobs[0].upload == Upload("devstoreaccount1", container.container_name, "a b.png", etag)
    assert [blob.is_accessible for blob in page.blobs] == [True, False]


def test_an_empty_container_has_one_page_without_blobs(container: ContainerClient):
    assert list_page(container.container_name) == Page([], None)


def test_directories_are_left_out_of_what_storage_really_lists(container: ContainerClient):
    container.upload_blob("2026", b"", metadata={"hdi_isfolder": "true"})
    container.upload_blob("2026/a.png", b"x", metadata={"taken": "today"})
    assert [blob.upload.name for blob in list_page(container.container_name).blobs] == ["2026/a.png"]


def test_a_listing_can_be_continued_from_page_to_page(container: ContainerClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("image_metadata.storage.listing._PAGE", 2)
    for name in "abcde":
        container.upload_blob(name, b"x")
    pages, continuation = [], None
    while not pages or continuation:
        page = list_page(container.container_name, continuation)
        continuation = page.continuation
        pages.append([blob.upload.name for blob in page.blobs])
    assert pages == [["a", "b"], ["c", "d"], ["e"]]


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("application/xml", b"<EnumerationResults><Blobs><Blob><Name>a.png</Name></Blob></Blobs></EnumerationResults>"),
        ("application/xml", LISTING.replace("<Etag>0x1</Etag>", "").encode()),
        ("application/xml", LISTING.replace("06:28:51 GMT", "").encode()),
        ("application/xml", LISTING.encode()[:-30]),
        ("application/xml", b"<html />"),
        ("application/xml", b""),
        ("application/json", b"{}"),
    ],
)
def test_a_garbled_listing_is_a_transient_error(storage, content_type: str, content: bytes):
    with answering(200, {"Content-Type": content_type}, *[content] * 4, listing=None) as account:
        storage(account)
        with pytest.raises(TransientStorageError, match="expected storage to list the container images, found"):
            list_page("images")


@pytest.mark.usefixtures("image_storage")
def test_a_container_that_cannot_be_listed_is_a_transient_error():
    with pytest.raises(TransientStorageError, match="expected storage to list the container missing-container, found"):
        list_page("missing-container")
