"""The smoke test at the end of `azd up`, on a real storage service."""

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.storage.blob import BlobServiceClient, ContainerClient
from PIL import Image

from imagectl.deployment.errors import DeploymentError
from imagectl.deployment.smoke_test import COLUMNS, reconcile_now, smoke_test, tiny_png
from imagectl.local.azurite import Azurite
from tests.deployment.fakes import DEPLOYED, FakeClock, FakeDatabase, FakeResourceManager

ROW = ("smoke-test/x.png", 0.07, 3, 2, "PNG", "2026-11-25 10:00:00")


@pytest.fixture
def container(azurite: Azurite) -> ContainerClient:
    return BlobServiceClient.from_connection_string(azurite.connection_string).create_container("image-input")


def test_the_row_is_printed_and_the_image_is_deleted(container: ContainerClient, capsys: pytest.CaptureFixture[str]):
    clock = FakeClock()
    smoke_test(container, FakeDatabase(rows=[None, None, ROW]), clock.polling())
    printed = capsys.readouterr().out
    assert all(f"{column} " in printed and str(value) in printed for column, value in zip(COLUMNS, ROW, strict=True))
    assert clock.slept == [10, 10]
    assert list(container.list_blobs()) == []


def test_a_missing_row_is_reported_and_the_image_is_deleted(container: ContainerClient):
    with pytest.raises(DeploymentError, match=r"expected the row of smoke-test/.* imagectl --azd status"):
        smoke_test(container, FakeDatabase(), FakeClock().polling())
    assert list(container.list_blobs()) == []


class RefusingContainer:
    """Refuses uploads with these errors, then accepts them; refuses deletion with ``on_delete``."""

    def __init__(self, *errors: Exception, on_delete: Exception | None = None) -> None:
        self.errors = list(errors)
        self.on_delete = on_delete

    def upload_blob(self, *_arguments: object, **_options: object) -> None:
        if self.errors:
            raise self.errors.pop(0)

    def delete_blob(self, _name: str) -> None:
        if self.on_delete:
            raise self.on_delete


def forbidden() -> HttpResponseError:
    error = HttpResponseError("AuthorizationPermissionMismatch")
    error.status_code = 403
    return error


def test_the_upload_is_tried_again_until_the_role_has_propagated():
    clock = FakeClock()
    smoke_test(RefusingContainer(forbidden(), forbidden()), FakeDatabase(rows=[ROW]), clock.polling())
    assert clock.slept == [10, 10]


def test_a_missing_sign_in_is_reported_at_once():
    container = RefusingContainer(ClientAuthenticationError("azd is not signed in\nsecond line"))
    with pytest.raises(DeploymentError, match="found: azd is not signed in; sign in with azd"):
        smoke_test(container, FakeDatabase(), FakeClock().polling())


def test_an_image_that_cannot_be_deleted_does_not_hide_the_missing_row(capsys: pytest.CaptureFixture[str]):
    container = RefusingContainer(on_delete=HttpResponseError("ServerBusy\nsecond line"))
    with pytest.raises(DeploymentError, match=r"expected the row of smoke-test/"):
        smoke_test(container, FakeDatabase(), FakeClock().polling())
    assert "found: ServerBusy; delete it yourself" in capsys.readouterr().err


def test_an_image_that_cannot_be_deleted_does_not_fail_the_test(capsys: pytest.CaptureFixture[str]):
    smoke_test(RefusingContainer(on_delete=forbidden()), FakeDatabase(rows=[ROW]), FakeClock().polling())
    assert "expected storage to delete smoke-test/" in capsys.readouterr().err


def test_the_uploaded_image_is_a_valid_png():
    with Image.open(io.BytesIO(tiny_png())) as found:
        found.load()
        assert (found.format, found.size) == ("PNG", (3, 2))


@pytest.fixture
def app() -> Iterator["App"]:
    server = App()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class App(HTTPServer):
    """The endpoint of a functions host that runs a function on request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[tuple[str, str | None, bytes]] = []
        self.status = 202

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: App

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((self.path, self.headers["x-functions-key"], body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Do not log."""


def arm() -> FakeResourceManager:
    return FakeResourceManager(lambda _method, _path: (200, {"masterKey": "a-key", "systemKeys": {}}))


def test_reconciliation_is_started_with_the_master_key_from_resource_manager(app: App):
    manager = arm()
    reconcile_now(manager.client(), replace(DEPLOYED, function_app_url=app.url))
    assert app.calls == [("/admin/functions/ReconcileTimer", "a-key", b'{"input": ""}')]
    assert manager.requests == [("POST", f"{DEPLOYED.site}/host/default/listkeys")]


def test_an_error_of_the_app_is_reported_without_the_key(app: App):
    app.status = 503
    with pytest.raises(DeploymentError, match="503") as caught:
        reconcile_now(arm().client(), replace(DEPLOYED, function_app_url=app.url))
    assert "a-key" not in str(caught.value)
