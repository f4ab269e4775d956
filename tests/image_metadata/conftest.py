import io
import uuid

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient
from PIL import Image

from image_metadata.storage import blobs
from imagectl.local.azurite import Azurite


@pytest.fixture
def image_storage(session_azurite: Azurite, monkeypatch: pytest.MonkeyPatch):
    """`ImageStorage` points to Azurite."""
    monkeypatch.setenv("ImageStorage", session_azurite.connection_string)
    blobs.service.cache_clear()
    yield session_azurite
    blobs.service.cache_clear()


@pytest.fixture
def container(image_storage: Azurite):
    """A container of the test's own."""
    with BlobServiceClient.from_connection_string(image_storage.connection_string) as service:
        client: ContainerClient = service.create_container(f"test-{uuid.uuid4().hex}")
        yield client
        client.delete_container()


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch):
    """Point the app to an account by its connection string."""
    blobs.service.cache_clear()
    yield lambda connection_string: monkeypatch.setenv("ImageStorage", connection_string)
    blobs.service.cache_clear()


@pytest.fixture
def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "PNG")
    return file.getvalue()
