"""ExtractMetadata on real Azurite: one small read of one state of the blob, and a result for everything."""

import base64
import io
import traceback
from datetime import UTC, datetime, timedelta

import pytest
from azure.storage.blob import ContainerClient, ContentSettings, StandardBlobTier
from PIL import Image

from image_metadata.errors import TransientStorageError
from image_metadata.extract_metadata import extract
from image_metadata.model import Deleted, Directory, ImageMetadata, Inaccessible, Rejection, RejectionReason, Upload
from image_metadata.storage import blobs
from imagectl.local.azurite import Azurite
from tests.corpus import exif, jpeg
from tests.support.access_log import requests

HARD_NAMES = [
    "2026/a b.png",
    "x?sig=1&a=b.png",
    "100%.png",
    "a+b#c.png",
    "'; DROP TABLE x;--.png",
    "写真 😀.png",
    "a" * 1024,
]


def upload_of(container: ContainerClient, name: str) -> Upload:
    etag = container.get_blob_client(name).get_blob_properties().etag
    return Upload(str(container.account_name), container.container_name, name, etag)


@pytest.mark.parametrize("name", HARD_NAMES, ids=ascii)
def test_an_image_of_any_name_is_read(container: ContainerClient, png: bytes, name: str):
    container.upload_blob(name, png)
    found = extract(upload_of(container, name))
    assert isinstance(found, ImageMetadata)
    assert (found.upload.name, found.image.width, found.image.height, found.image.format) == (name, 64, 48, "PNG")


def test_the_facts_are_those_of_the_blob(container: ContainerClient, png: bytes):
    container.upload_blob("a.png", png, content_settings=ContentSettings(content_type="image/png"))
    found = extract(upload_of(container, "a.png"))
    properties = container.get_blob_client("a.png").get_blob_properties()
    assert isinstance(found, ImageMetadata)
    assert found.blob.size == len(png)
    assert found.blob.uploaded_at == properties.last_modified.strftime("%Y-%m-%dT%H:%M:%S.000")
    assert found.content_type_matches is True


def test_a_state_was_read_after_it_was_uploaded_and_before_now(container: ContainerClient, png: bytes):
    container.upload_blob("a.png", png)
    first, second = (extract(upload_of(container, "a.png")) for _ in range(2))
    assert isinstance(first, ImageMetadata)
    assert isinstance(second, ImageMetadata)
    uploaded_at, read_at, read_again_at = (
        datetime.fromisoformat(str(text)).replace(tzinfo=UTC)
        for text in (first.blob.uploaded_at, first.blob.read_at, second.blob.read_at)
    )
    assert uploaded_at <= read_at < read_again_at <= datetime.now(UTC) + timedelta(milliseconds=1)


@pytest.mark.parametrize(("setting", "stored"), [("", False), ("true", True)])
def test_coordinates_are_kept_only_where_the_setting_asks_for_them(
    container: ContainerClient, monkeypatch: pytest.MonkeyPatch, setting: str, stored: bool
):
    monkeypatch.setenv("STORE_LOCATION", setting)
    container.upload_blob("a.jpg", jpeg.with_exif(exif.located()))
    outcome = extract(upload_of(container, "a.jpg"))
    assert isinstance(outcome, ImageMetadata)
    assert outcome.image.camera_model == "KX-100"
    assert (outcome.image.latitude is not None, outcome.image.longitude is not None) == (stored, stored)


@pytest.mark.parametrize(
    ("setting", "stored"), [("", (None, None)), ("true", ('{"customer":"4711","owner":"Zoë & Co"}', 0))]
)
def test_the_uploaders_own_metadata_is_kept_only_where_the_setting_asks_for_it(
    container: ContainerClient, monkeypatch: pytest.MonkeyPatch, png: bytes, setting: str, stored: tuple[object, object]
):
    monkeypatch.setenv("STORE_BLOB_METADATA", setting)
    container.upload_blob("a.png", png, metadata={"owner": "Zo\u00eb & Co", "customer": "4711"})
    outcome = extract(upload_of(container, "a.png"))
    assert isinstance(outcome, ImageMetadata)
    assert (outcome.blob.metadata, outcome.blob.metadata_omitted) == stored


@pytest.mark.parametrize(("declared", "matches"), [("image/gif", False), ("image/png; q=1", True), (None, None)])
def test_a_declared_content_type_is_compared_with_the_content(
    container: ContainerClient, png: bytes, declared: str | None, matches: bool | None
):
    container.upload_blob("a", png, content_settings=ContentSettings(content_type=declared))
    found = extract(upload_of(container, "a"))
    assert isinstance(found, ImageMetadata)
    assert found.content_type_matches is matches


def test_a_content_encoding_does_not_keep_the_header_from_being_read(container: ContainerClient, png: bytes):
    container.upload_blob("a.png", png, content_settings=ContentSettings(content_encoding="gzip"))
    assert isinstance(extract(upload_of(container, "a.png")), ImageMetadata)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", RejectionReason.EMPTY),
        (b"just some text\n", RejectionReason.UNSUPPORTED_FORMAT),
        (b"%PDF-1.7\n", RejectionReason.UNSUPPORTED_FORMAT),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIH", RejectionReason.CORRUPT),
    ],
)
def test_what_is_not_an_image_is_a_rejection(container: ContainerClient, content: bytes, reason: RejectionReason):
    container.upload_blob("a.png", content)
    found = extract(upload_of(container, "a.png"))
    assert isinstance(found, Rejection)
    assert found.reason is reason


def test_a_checksum_that_the_uploader_stored_does_not_matter(container: ContainerClient, png: bytes):
    container.upload_blob("a.png", png)
    wrong = ContentSettings(content_md5=bytearray(16))
    container.get_blob_client("a.png").set_http_headers(wrong)
    found = extract(upload_of(container, "a.png"))
    assert isinstance(found, ImageMetadata)
    assert found.blob.content_md5 == base64.b64encode(bytes(16)).decode()


@pytest.mark.parametrize("key", ["hdi_isfolder", "Hdi_isfolder"])
def test_a_directory_is_not_rejected_as_empty(container: ContainerClient, key: str):
    container.upload_blob("2026", b"", metadata={key: "true"})
    assert isinstance(extract(upload_of(container, "2026")), Directory)


def test_a_deleted_blob_is_deleted(container: ContainerClient):
    assert isinstance(extract(Upload("x", container.container_name, "never.png", "0x1")), Deleted)


@pytest.mark.usefixtures("image_storage")
def test_a_missing_container_is_a_transient_error():
    with pytest.raises(TransientStorageError, match="404 ContainerNotFound; check that ImageStorage names the right"):
        extract(Upload("x", "no-such-container", "a.png", "0x1"))


def test_an_archived_blob_is_inaccessible(container: ContainerClient, png: bytes):
    container.upload_blob("a.png", png, standard_blob_tier=StandardBlobTier.ARCHIVE)
    found = extract(upload_of(container, "a.png"))
    assert isinstance(found, Inaccessible)
    assert "move it to an online tier" in found.detail


def test_the_row_is_keyed_by_the_state_that_was_read_not_by_the_one_announced(container: ContainerClient, png: bytes):
    container.upload_blob("a.png", png)
    announced = upload_of(container, "a.png")
    container.get_blob_client("a.png").set_blob_metadata({"note": "changes the entity tag"})
    found = extract(announced)
    assert (found.instance_id, found.upload) == (announced.id, upload_of(container, "a.png"))
    assert found.upload != announced


def large_jpeg(width: int) -> bytes:
    """Its size comes after 300 KB of comments, so that reading it takes more than one request."""
    file = io.BytesIO()
    Image.new("RGB", (width, 10)).save(file, "JPEG")
    segment = b"\xff\xfe" + (65000).to_bytes(2, "big") + bytes(64998)
    return file.getvalue()[:2] + 5 * segment + file.getvalue()[2:]


def overwriting(container: ContainerClient, states: list[bytes]):
    """Storage in which, after each first read, the next of these states is uploaded."""

    def open_blob(container_name: str, name: str) -> blobs.OpenBlob:
        opened = blobs.open_blob(container_name, name)
        if states:
            container.upload_blob(name, states.pop(0), overwrite=True)
        return opened

    return open_blob


def test_a_blob_overwritten_while_it_is_read_gives_the_new_state_whole(container: ContainerClient):
    container.upload_blob("a.jpg", large_jpeg(111))
    new_state = large_jpeg(222) + b"longer"
    found = extract(upload_of(container, "a.jpg"), overwriting(container, [new_state]))
    assert isinstance(found, ImageMetadata)
    assert (found.image.width, found.blob.size) == (222, len(new_state))
    assert found.upload == upload_of(container, "a.jpg")


def test_a_blob_that_keeps_changing_is_a_transient_error(container: ContainerClient):
    container.upload_blob("a.jpg", large_jpeg(1))
    with pytest.raises(TransientStorageError, match="found 3 changes"):
        extract(upload_of(container, "a.jpg"), overwriting(container, [large_jpeg(2)] * 3))


def test_a_blob_deleted_while_it_is_read_is_deleted(container: ContainerClient):
    container.upload_blob("a.jpg", large_jpeg(1))

    def open_blob(container_name: str, name: str) -> blobs.OpenBlob:
        opened = blobs.open_blob(container_name, name)
        container.delete_blob(name)
        return opened

    assert isinstance(extract(upload_of(container, "a.jpg"), open_blob), Deleted)


def test_a_large_image_costs_one_request_and_32_kib(azurite: Azurite, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ImageStorage", azurite.connection_string)
    blobs.service.cache_clear()
    container = blobs.service().create_container("image-input")
    file = io.BytesIO()
    Image.effect_noise((2000, 1500), 90).save(file, "JPEG", quality=97)
    container.upload_blob("a.jpg", file.getvalue())
    extract(Upload("devstoreaccount1", "image-input", "a.jpg", "0x1"))
    blobs.service.cache_clear()
    assert len(file.getvalue()) > 1_000_000
    assert requests(azurite, "GET", "image-input/a.jpg") == 1


@pytest.mark.live
def test_no_secret_is_in_the_error_when_storage_is_unreachable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(
        "ImageStorage", "AccountName=a;SharedAccessSignature=sig=c2VjcmV0;BlobEndpoint=http://127.0.0.1:9/a"
    )
    monkeypatch.setattr("time.sleep", lambda _: None)
    blobs.service.cache_clear()
    with pytest.raises(TransientStorageError, match="found no answer from storage; ") as raised:
        extract(Upload("a", "image-input", "a.png", "0x1"))
    blobs.service.cache_clear()
    assert "c2VjcmV0" not in "".join(traceback.format_exception(raised.value))
