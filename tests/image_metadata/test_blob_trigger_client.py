"""A blob event announces the current state of its blob."""

import asyncio
import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from azure.storage.blob import ContainerClient

from image_metadata.blob_trigger_client import announce_blob
from image_metadata.errors import SettingError
from image_metadata.intake import CONTAINER, RetryWindow
from image_metadata.model import Upload
from image_metadata.payload import encode
from image_metadata.storage import blobs
from tests.support.durable_client import FakeDurableClient

ROOT = Path(__file__).resolve().parents[2]
NAME = "2026/a?sig=b.png"
WINDOW = RetryWindow(timedelta(seconds=10), timedelta(seconds=5))


@pytest.fixture
def upload(container: ContainerClient) -> Upload:
    container.upload_blob(NAME, b"x")
    etag = container.get_blob_client(NAME).get_blob_properties().etag
    return Upload("devstoreaccount1", container.container_name, NAME, etag)


def announced(path: str, client: FakeDurableClient) -> FakeDurableClient:
    container = path.partition("/")[0]
    asyncio.run(announce_blob(path, client, "i", container=container, retry_window=WINDOW))
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


def test_a_directory_of_a_hierarchical_account_starts_nothing(
    container: ContainerClient, caplog: pytest.LogCaptureFixture
):
    container.upload_blob("2026", b"", metadata={"hdi_isfolder": "true"})
    with caplog.at_level(logging.INFO):
        assert announced(f"{container.container_name}/2026", FakeDurableClient()).started == []
    assert "2026 is a directory" in caplog.text


def test_an_event_of_another_container_starts_nothing(upload: Upload, caplog: pytest.LogCaptureFixture):
    client = FakeDurableClient()
    asyncio.run(announce_blob(f"{upload.container}/{upload.name}", client, "i"))
    assert client.started == []
    assert "not in the container image-input" in caplog.text


def test_the_container_is_the_one_that_the_trigger_watches():
    definition = json.loads((ROOT / "BlobTriggerClient" / "function.json").read_text("utf-8"))
    assert definition["bindings"][0]["path"] == f"{CONTAINER}/{{name}}"


def test_a_missing_setting_is_raised_at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("ImageStorage", raising=False)
    blobs.service.cache_clear()
    with pytest.raises(SettingError):
        announced("image-input/a.png", FakeDurableClient())


def test_events_on_different_loops_are_served(upload: Upload):
    path = f"{upload.container}/{upload.name}"
    assert len(announced(path, announced(path, FakeDurableClient())).started) == 2
