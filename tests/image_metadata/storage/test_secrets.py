"""No logger at any level prints a secret: neither ours nor those of the libraries below us."""

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from azure.storage.blob import AccountSasPermissions, ContainerClient, ResourceTypes, generate_account_sas

from image_metadata.blob_trigger_client import announce_blob
from image_metadata.durable_sdk import durable_client
from image_metadata.errors import TransientStorageError
from image_metadata.extract_metadata import extract
from image_metadata.intake import RetryWindow
from image_metadata.model import ImageMetadata, Upload
from image_metadata.storage import blobs
from imagectl.local.azurite import Azurite

KEY = "c2VjcmV0LWtleQ"
WINDOW = RetryWindow(timedelta(seconds=1), timedelta(seconds=5))


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture):
    """Every logger that exists, at DEBUG."""
    names = [name for name, logger in logging.root.manager.loggerDict.items() if isinstance(logger, logging.Logger)]
    for name in ["", *names]:
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


def parts(connection_string: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in connection_string.split(";") if part)


@pytest.fixture
def signature(image_storage: Azurite, monkeypatch: pytest.MonkeyPatch) -> str:
    """`ImageStorage` is a connection string with a SAS; returns its signature."""
    known = parts(image_storage.connection_string)
    sas = generate_account_sas(
        known["AccountName"],
        known["AccountKey"],
        resource_types=ResourceTypes(service=True, container=True, object=True),
        permission=AccountSasPermissions(read=True, list=True),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )
    setting = f"BlobEndpoint={known['BlobEndpoint']};SharedAccessSignature={sas}"
    monkeypatch.setenv("ImageStorage", setting)
    blobs.service.cache_clear()
    return unquote(dict(part.split("=", 1) for part in sas.split("&"))["sig"])


def test_a_sas_is_in_no_log_line(
    container: ContainerClient, signature: str, png: bytes, everything_logged: pytest.LogCaptureFixture
):
    container.upload_blob("a.png", png)
    everything_logged.clear()
    assert isinstance(extract(Upload("devstoreaccount1", container.container_name, "a.png", "0x1")), ImageMetadata)
    assert blobs.current_upload(container.container_name, "never.png") is None
    assert "sig=REDACTED" in everything_logged.text
    assert signature not in unquote(everything_logged.text)


def test_a_sas_is_in_no_log_line_when_storage_is_unreachable(
    monkeypatch: pytest.MonkeyPatch, everything_logged: pytest.LogCaptureFixture
):
    setting = f"BlobEndpoint=http://127.0.0.1:1/pictures;SharedAccessSignature=sv=2026-10-06&sig={KEY}"
    monkeypatch.setenv("ImageStorage", setting)
    blobs.service.cache_clear()
    with pytest.raises(TransientStorageError):
        blobs.current_upload("images", "a.png", retry_total=1, initial_backoff=0, increment_base=0)
    blobs.service.cache_clear()
    assert KEY not in unquote(everything_logged.text)


def test_the_key_of_the_durable_client_is_in_no_log_line(
    container: ContainerClient, png: bytes, everything_logged: pytest.LogCaptureFixture
):
    container.upload_blob("a.png", png)

    async def answer(_: web.Request) -> web.Response:
        return web.json_response({"Message": "refused"}, status=500)

    async def main() -> None:
        app = web.Application()
        app.router.add_route("*", "/durabletask/{path:.*}", answer)
        async with TestServer(app) as server:
            urls = {"id": "INSTANCEID", "statusQueryGetUri": f"http://127.0.0.1/instances/INSTANCEID?code={KEY}"}
            binding = {"taskHubName": "ImageMetadata", "creationUrls": {}, "managementUrls": urls}
            starter = json.dumps(binding | {"rpcBaseUrl": str(server.make_url("/durabletask/"))})
            async with durable_client(starter, "invocation") as client:
                name = container.container_name
                await announce_blob(f"{name}/a.png", client, "i", container=name, retry_window=WINDOW)

    with pytest.raises(Exception, match="refused"):
        asyncio.run(main())
    assert "not announced yet" in everything_logged.text
    assert KEY not in everything_logged.text
