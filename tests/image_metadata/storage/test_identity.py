"""Sign-in without a key, as in Azure: client, activity and tools, each with a token from the app's identity."""

import asyncio
import io

import pytest
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient
from PIL import Image

from image_metadata.blob_trigger_client import announce_blob
from image_metadata.errors import TransientStorageError
from image_metadata.extract_metadata import extract
from image_metadata.intake import CONTAINER
from image_metadata.model import ImageMetadata, Upload
from image_metadata.storage import blobs
from imagectl.pipeline.inventory import images, pages
from imagectl.pipeline.poison_queue import peek_poison
from tests.support.durable_client import FakeDurableClient
from tests.support.identity import Identity, SecureAzurite, running_identity, running_secure_azurite

CLIENT_ID = "99999999-8888-7777-6666-555555555555"
RESOURCE = "https://storage.azure.com"


@pytest.fixture(scope="module")
def azurite(tmp_path_factory: pytest.TempPathFactory):
    with running_secure_azurite(tmp_path_factory.mktemp("azurite")) as running:
        yield running


@pytest.fixture
def identity(azurite: SecureAzurite, monkeypatch: pytest.MonkeyPatch):
    """The app's settings and its identity; the container is there and has one image."""
    with running_identity() as running:
        for name, value in (azurite.settings("ImageStorage") | running.environment()).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(azurite.certificate))
        blobs.service.cache_clear()
        upload_image(azurite)
        running.given.clear()
        yield running
        blobs.service.cache_clear()


def upload_image(azurite: SecureAzurite) -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 48)).save(file, "PNG")
    with BlobServiceClient(azurite.blob_url, credential=DefaultAzureCredential()) as service:
        container = service.get_container_client(CONTAINER)
        if not container.exists():
            container.create_container()
        container.upload_blob("a.png", file.getvalue(), overwrite=True)


def test_the_client_announces_with_a_token(identity: Identity):
    client = FakeDurableClient()
    asyncio.run(announce_blob(f"{CONTAINER}/a.png", client, "invocation"))
    assert len(client.started) == 1
    assert identity.given == [(RESOURCE, None)]


@pytest.mark.parametrize("credential", ["", "managedidentity"])
def test_the_activity_reads_with_a_token_of_the_identity_that_the_settings_name(
    identity: Identity, credential: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ImageStorage__credential", credential)
    monkeypatch.setenv("ImageStorage__clientId", CLIENT_ID)
    outcome = extract(Upload("devstoreaccount1", CONTAINER, "a.png", "0x1"))
    assert isinstance(outcome, ImageMetadata)
    assert identity.given == [(RESOURCE, CLIENT_ID)]


def test_the_tools_list_and_look_into_queues_with_a_token(identity: Identity):
    assert [blob.upload.name for page in pages(images()) for blob in page] == ["a.png"]
    assert peek_poison() == []
    assert {resource for resource, _ in identity.given} == {RESOURCE}


def test_a_refused_token_says_what_to_check(identity: Identity, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("IDENTITY_HEADER", "wrong")
    monkeypatch.setenv("ImageStorage__credential", "managedidentity")
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(TransientStorageError, match=r"no sign-in \(\w+\); check ImageStorage__credential"):
        extract(Upload("devstoreaccount1", CONTAINER, "a.png", "0x1"))
    assert identity.given == []
