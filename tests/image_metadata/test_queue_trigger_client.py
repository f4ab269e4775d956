"""A queue message announces the upload that its event names, without a request to storage."""

import asyncio
import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from image_metadata.errors import SettingError, TransientStorageError
from image_metadata.intake import RetryWindow
from image_metadata.model import Upload
from image_metadata.payload import encode
from image_metadata.queue_trigger_client import MAX_DEQUEUE_COUNT, announce_event
from image_metadata.storage import blobs
from imagectl.local.azurite import Azurite
from tests.support.durable_client import FakeDurableClient
from tests.support.events import TOPIC, event

ROOT = Path(__file__).resolve().parents[2]
UPLOAD = Upload("devstoreaccount1", "image-input", "2026/a?sig=b.png", "0x8DE1")
WINDOW = RetryWindow(timedelta(), timedelta(seconds=5))


@pytest.fixture
def unreachable_storage(monkeypatch: pytest.MonkeyPatch):
    """The account is known, and nobody answers there."""
    monkeypatch.setenv(
        "ImageStorage", "AccountName=devstoreaccount1;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/devstoreaccount1"
    )
    blobs.service.cache_clear()
    yield
    blobs.service.cache_clear()


def announced(message: str, client: FakeDurableClient | None = None, dequeue_count: int = 1) -> FakeDurableClient:
    client = client or FakeDurableClient()
    asyncio.run(announce_event(message, dequeue_count, client, "invocation-7", WINDOW))
    return client


@pytest.mark.usefixtures("unreachable_storage")
@pytest.mark.parametrize("etag", ["0x8DE1", '"0x8DE1"'], ids=["unquoted", "quoted"])
def test_an_upload_is_announced_under_its_id_without_a_question(etag: str):
    client = announced(event(UPLOAD.name, etag))
    assert client.started == [("OrchestratorFunction", UPLOAD.id, encode(UPLOAD))]
    assert client.asked == []


@pytest.mark.usefixtures("unreachable_storage")
def test_a_message_that_is_delivered_again_asks_first():
    client = FakeDurableClient({UPLOAD.id: ("Completed", {"kind": "metadata"})})
    assert announced(event(UPLOAD.name), client, dequeue_count=2).started == []
    assert client.asked == [UPLOAD.id]


def test_header_listing_and_event_give_one_id(image_storage: Azurite):
    with blobs.service().get_container_client("image-input") as container:
        if not container.exists():
            container.create_container()
        name = f"{image_storage.process.pid}.png"
        quoted = container.upload_blob(name, b"x").get_blob_properties().etag
        listed = next(blob.etag for blob in container.list_blobs(name_starts_with=name))
        ids = {Upload("devstoreaccount1", "image-input", name, etag).id for etag in (quoted, listed)}
        client = announced(event(name, listed))
        without_etag = announced(event(name, None))
        container.delete_blob(name)
    assert (quoted != listed, len(ids)) == (True, 1)
    assert {started[1] for started in client.started + without_etag.started} == ids


@pytest.mark.usefixtures("image_storage")
@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"topic": f"{TOPIC}pictures"},
            "expected an event of devstoreaccount1/image-input, found pictures/image-input",
        ),
        ({"container": "other"}, "expected an event of devstoreaccount1/image-input, found devstoreaccount1/other"),
        ({"eventType": "Microsoft.Storage.BlobRenamed"}, "was renamed; reconciliation announces it"),
        ({"eventType": "Microsoft.Storage.BlobTierChanged"}, "Message ignored: expected an event about a blob"),
        ({"data": {"api": "CreateFile"}}, "is being written; a later event announces it"),
    ],
)
def test_what_is_not_an_upload_to_the_container_is_logged_and_left(
    changes: dict[str, Any], line: str, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.INFO):
        client = announced(event("a.png", **changes))
    assert (client.started, client.asked) == ([], [])
    assert line in caplog.text


@pytest.mark.parametrize("message", ["not JSON", event("phot\N{REPLACEMENT CHARACTER}.png")])
def test_a_message_without_a_usable_event_is_a_warning(message: str, caplog: pytest.LogCaptureFixture):
    assert announced(message).started == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def refusing(_: FakeDurableClient) -> None:
    raise ConnectionError("refused?sig=x")


@pytest.mark.usefixtures("unreachable_storage")
@pytest.mark.parametrize(("dequeue_count", "lines"), [(1, 0), (MAX_DEQUEUE_COUNT - 1, 0), (MAX_DEQUEUE_COUNT, 1)])
def test_a_failure_is_raised_and_on_the_last_delivery_one_error_line(
    dequeue_count: int, lines: int, caplog: pytest.LogCaptureFixture
):
    with pytest.raises(ConnectionError):
        announced(event(UPLOAD.name), FakeDurableClient(starting=refusing), dequeue_count)
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == lines
    assert all(
        error.startswith("Upload not announced: image-input/2026/a?sig%3Db.png, after 20 deliveries")
        and "ConnectionError: refused?sig%3Dx" in error
        for error in errors
    )


@pytest.mark.live
@pytest.mark.usefixtures("unreachable_storage")
def test_an_event_without_etag_is_delivered_again_while_storage_is_unreachable():
    with pytest.raises(TransientStorageError):
        announced(event("a.png", None))


def test_a_missing_setting_is_raised(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("ImageStorage", raising=False)
    with pytest.raises(SettingError):
        announced(event("a.png"))


def test_the_last_delivery_is_that_of_host_json():
    host = json.loads((ROOT / "host.json").read_text("utf-8"))
    assert host["extensions"]["queues"]["maxDequeueCount"] == MAX_DEQUEUE_COUNT


DELETION = {"eventType": "Microsoft.Storage.BlobDeleted", "data": {"api": "DeleteBlob"}}


@pytest.mark.live
@pytest.mark.usefixtures("unreachable_storage")
def test_a_deletion_is_delivered_again_and_is_no_upload_on_its_last_delivery(caplog: pytest.LogCaptureFixture):
    with pytest.raises(TransientStorageError):
        announced(event("a.png", None, **DELETION))
    assert announced(event("a.png", None, **DELETION), dequeue_count=MAX_DEQUEUE_COUNT).started == []
    assert "Deletion not recorded: image-input/a.png: TransientStorageError" in caplog.text
    assert "Upload not announced" not in caplog.text
