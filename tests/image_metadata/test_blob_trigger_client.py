"""A blob event announces the current state of its blob."""

import asyncio
from datetime import timedelta

import pytest
from azure.storage.blob import ContainerClient

from image_metadata.blob_trigger_client import announce_blob
from image_metadata.errors import SettingError
from image_metadata.model import Upload
from image_metadata.payload import encode
from image_metadata.storage import blobs
from tests.support.durable_client import FakeDurableClient

NAME = "2026/a?sig=b.png"


@pytest.fixture
def upload(container: ContainerClient) -> Upload:
    container.upload_blob(NAME, b"x")
    etag = container.get_blob_client(NAME).get_blob_properties().etag
    return Upload("devstoreaccount1", container.container_name, NAME, etag)


def announced(path: str, client: FakeDurableClient) -> FakeDurableClient:
    asyncio.run(announce_blob(path, client, "invocation", timedelta(seconds=10)))
    return client


def test_the_current_state_of_the_blob_is_announced(upload: Upload):
    client = announced(f"{upload.container}/{upload.name}", FakeDurableClient())
    assert client.started == [("OrchestratorFunction", upload.id, encode(upload))]


def test_a_start_that_fails_is_tried_again(upload: Upload):
    def refused_once(client: FakeDurableClient) -> None:
        client.starting = None
        raise KeyError("ExceptionMessage")

    client = announced(f"{upload.container}/{upload.name}", FakeDurableClient(starting=refused_once))
    assert len(client.started) == 1


def test_a_blob_deleted_before_its_event_starts_nothing(container: ContainerClient):
    assert announced(f"{container.container_name}/never.png", FakeDurableClient()).started == []


def test_a_missing_setting_is_raised_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("ImageStorage", raising=False)
    blobs.service.cache_clear()
    with pytest.raises(SettingError):
        announced("image-input/a.png", FakeDurableClient())


def test_events_on_different_loops_are_served(upload: Upload):
    path = f"{upload.container}/{upload.name}"
    assert len(announced(path, announced(path, FakeDurableClient())).started) == 2
