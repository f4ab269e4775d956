"""The SDK's requests, sent to a small server that records what arrives."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from azure.core.exceptions import AzureError, IncompleteReadError
from azure.core.rest import HttpRequest

from image_metadata.storage.transport import transport

SIGNED = {"Authorization": "SharedKey pictures:c2lnbmF0dXJl"}


class Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.length = 3
        self.arrived: list[tuple[str, dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.arrived.append((self.path, dict(self.headers), content))
        self.send_response(200)
        self.send_header("Content-Length", str(self.server.length))
        self.end_headers()
        self.wfile.write(b"abc")

    do_GET = do_PUT  # noqa: N815  # the base class has it so

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def test_a_login_for_the_host_in_the_users_netrc_does_not_replace_the_signature(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert transport().send(HttpRequest("GET", server.url, headers=SIGNED)).content == b"abc"
    assert server.arrived[0][1]["Authorization"] == SIGNED["Authorization"]


def test_what_is_sent_arrives_whole(server: Server):
    transport().send(HttpRequest("PUT", f"{server.url}/a%20b?c=d", content=b"x" * 100_000))
    transport().send(HttpRequest("PUT", server.url))
    assert [(path, content) for path, _, content in server.arrived] == [("/a%20b?c=d", b"x" * 100_000), ("/", b"")]


def test_a_proxy_is_used_where_one_is_set(server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    transport().send(HttpRequest("GET", "http://pictures.invalid/image-input", headers=SIGNED))
    assert server.arrived[0][0] == "http://pictures.invalid/image-input"


def test_certificate_authorities_named_in_the_environment_are_trusted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/company.pem")
    assert transport().connection_config.verify == "/etc/company.pem"


def test_an_answer_that_is_cut_is_an_error_that_the_sdk_knows(server: Server):
    server.length = 4
    with pytest.raises(IncompleteReadError):
        transport().send(HttpRequest("GET", server.url))


def test_a_refused_connection_is_an_error_that_the_sdk_knows():
    with pytest.raises(AzureError, match="Connection refused"):
        transport().send(HttpRequest("GET", "http://127.0.0.1:1"))
