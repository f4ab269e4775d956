from contextlib import closing, suppress
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from image_metadata.database.connections import connect
from image_metadata.settings import SqlSettings
from image_metadata.storage import blobs
from imagectl.local.azurite import Azurite, running_azurite
from imagectl.schema.upgrade import upgrade_schema
from tests.imagectl.durable_double import running_double
from tests.imagectl.stack import Stack


@pytest.fixture
def durable(monkeypatch: pytest.MonkeyPatch):
    """A durable API with small pages and faults on demand."""
    monkeypatch.setattr("imagectl.pipeline.bounded_start._POLL_SECONDS", 0.01)
    with running_double() as double:
        yield double


@pytest.fixture(scope="session")
def watched_azurite(tmp_path_factory: pytest.TempPathFactory):
    """One Azurite for the tests here, which take turns with its `image-input`."""
    with running_azurite(tmp_path_factory.mktemp("imagectl-azurite"), in_memory=True) as azurite:
        yield azurite


@pytest.fixture
def stack(watched_azurite: Azurite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty container, an empty poison queue and empty tables, which the settings name."""
    storage = watched_azurite.connection_string
    sql = SqlSettings(f"Driver=SQLite3;Database={tmp_path / 'images.db'};Timeout=30000")
    monkeypatch.setenv("ImageStorage", storage)
    monkeypatch.setenv("SqlConnectionString", sql.connection_string)
    monkeypatch.delenv("FUNCTIONS_KEY", raising=False)
    blobs.service.cache_clear()
    with closing(connect(sql)) as connection:
        upgrade_schema(connection)
    container = BlobServiceClient.from_connection_string(storage).create_container("image-input")
    queue = QueueServiceClient.from_connection_string(storage).create_queue("webjobs-blobtrigger-poison")
    yield Stack(container, queue, sql)
    container.delete_container()
    with suppress(ResourceNotFoundError):
        queue.delete_queue()
    blobs.service.cache_clear()


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch):
    """Retries come without their waits."""
    monkeypatch.setattr("azure.core.pipeline.transport.RequestsTransport.sleep", lambda _transport, _seconds: None)
