"""``start``: a stack that stays, and what it does when its ports or its host are not there."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient

from imagectl.local.azurite import Azurite, AzuriteError
from imagectl.local.azurite_owner import owned
from imagectl.local.host import EMULATOR, FUNC, FunctionsHostError, choose_host, free_port, require_free_port
from imagectl.verbs import start
from tests.functions_emulator.durable_app import wait_until
from tests.support.command import copy_checkout, imagectl, started_imagectl, wait_for_text
from tests.support.images import image

READY = "The stack runs"


@pytest.fixture
def func(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A PATH with nothing but a program called func."""
    program = tmp_path / "bin" / "func"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))


@pytest.fixture
def no_func(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def busy_port():
    """A port on which another program listens, a web server that is not Azurite."""
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def run_stack(tmp_path: Path, azurite: Azurite):
    """Start the stack of a checkout on free ports, and interrupt it; what it says is in a file."""
    checkout, output, port = copy_checkout(tmp_path / "checkout"), tmp_path / "output", free_port()
    # Azurite's usual ports are the machine's, not the test's: this one stands in for it.
    settings = dict.fromkeys(("ImageStorage", "AzureWebJobsStorage"), azurite.connection_string)
    processes = []

    def run() -> tuple[Path, dict[str, str]]:
        words = ["start", "--host", EMULATOR, "--port", str(port)]
        processes.append(started_imagectl(*words, output=output, cwd=checkout, **settings))
        wait_for_text(output, READY)
        return checkout, settings

    def interrupt() -> int:
        processes[-1].send_signal(signal.SIGINT)
        return int(processes[-1].wait(60))

    yield run, interrupt, port
    for process in processes:
        process.kill()
        process.wait()


def rows(checkout: Path, settings: dict[str, str]) -> list[str]:
    # As from another terminal: the database is the one that local.settings.json names.
    return [
        row["file_name"] for row in json.loads(imagectl("query", "--format", "json", cwd=checkout, **settings).stdout)
    ]


def test_what_is_uploaded_from_another_terminal_has_its_row_also_after_a_restart(run_stack, tmp_path: Path):
    run, interrupt, port = run_stack
    checkout, settings = run()
    (tmp_path / "a.png").write_bytes(image())
    assert imagectl("upload", str(tmp_path / "a.png"), cwd=checkout, **settings).returncode == 0
    wait_for_text(tmp_path / "output", "Executed 'Functions.StoreMetadata' (Succeeded")
    assert interrupt() == 130
    require_free_port(port)
    run()
    assert rows(checkout, settings) == ["a.png"]
    assert interrupt() == 130


def test_the_settings_file_comes_from_the_example_and_is_left_alone_afterwards(run_stack):
    run, interrupt, _ = run_stack
    checkout, _ = run()
    assert interrupt() == 130
    file = checkout / "local.settings.json"
    assert file.read_text() == (checkout / "local.settings.example.json").read_text()
    file.write_text(file.read_text().replace("30000", "20000"))
    run()
    assert interrupt() == 130
    assert "20000" in file.read_text()


def test_a_second_start_in_the_same_folder_is_refused_and_names_the_first(run_stack):
    run, interrupt, port = run_stack
    checkout, settings = run()
    for other in (port, free_port()):
        second = imagectl("start", "--host", EMULATOR, "--port", str(other), cwd=checkout, **settings)
        assert (second.returncode, len(second.stderr.splitlines())) == (3, 1)
        assert f"imagectl start in {checkout}, found one on http://127.0.0.1:{port} (process " in second.stderr
    assert interrupt() == 130


def test_a_busy_port_is_one_sentence(busy_port: int, tmp_path: Path):
    done = imagectl("start", "--port", str(busy_port), cwd=copy_checkout(tmp_path / "checkout"))
    assert done.returncode == 3
    assert done.stderr == (
        f"imagectl: expected port {busy_port} of 127.0.0.1 to be free, but it is in use; "
        "end the program that uses it, or choose --port\n"
    )


@pytest.mark.parametrize("port", ["0", "99999", "http"])
def test_what_is_no_port_is_one_sentence(port: str):
    done = imagectl("start", "--port", port)
    assert f"expected a port from 1 to 65535, found '{port}'" in done.stderr
    assert done.returncode == 2


def test_an_azurite_that_ends_by_itself_ends_the_stack_with_one_sentence(azurite: Azurite):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as host:
        azurite.process.kill()
        with pytest.raises(AzuriteError, match="expected Azurite to run until Ctrl-C, found exit status -9"):
            start.watch(host, azurite)
        host.kill()


def test_azurite_keeps_its_blobs_over_a_restart_and_a_running_one_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(start, "LOCAL", tmp_path)
    monkeypatch.setattr(start, "AZURITE_PORTS", tuple(free_port() for _ in range(3)))
    for name in ("ImageStorage", "AzureWebJobsStorage"):
        monkeypatch.setenv(name, start.DEVELOPMENT_STORAGE)
    with start.running_storage():
        assert start.is_azurite(start.AZURITE_PORTS[0])
        with start.running_storage():
            pass
        assert start.is_azurite(start.AZURITE_PORTS[0])
    assert not start.is_azurite(start.AZURITE_PORTS[0])
    assert list((tmp_path / "azurite").glob("__azurite_db_blob__*"))


def test_the_azurite_of_another_folder_is_refused_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(start, "is_azurite", lambda _port: True)
    monkeypatch.setattr(start, "AZURITE_PORTS", (free_port(), free_port(), free_port()))
    monkeypatch.setenv("ImageStorage", start.DEVELOPMENT_STORAGE)
    with start.running_storage() as by_hand:
        assert by_hand is None
    with owned(start.AZURITE_PORTS[0], tmp_path / "other" / ".local", os.getpid()):
        with pytest.raises(AzuriteError, match=f"{tmp_path}/other/.local; stop that one"), start.running_storage():
            pass
        monkeypatch.setattr(start, "LOCAL", tmp_path / "other" / ".local")
        with start.running_storage() as own:
            assert own is None


def test_another_program_on_azurites_port_is_one_sentence(busy_port: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(start, "AZURITE_PORTS", (busy_port, free_port(), free_port()))
    monkeypatch.setenv("ImageStorage", start.DEVELOPMENT_STORAGE)
    with pytest.raises(FunctionsHostError, match=f"expected port {busy_port}"), start.running_storage():
        pass


def test_no_azurite_is_started_for_storage_elsewhere(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(start, "AZURITE_PORTS", (free_port(), free_port(), free_port()))
    for name in ("ImageStorage", "AzureWebJobsStorage"):
        monkeypatch.setenv(name, "AccountName=elsewhere")
    with start.running_storage():
        assert not start.is_azurite(start.AZURITE_PORTS[0])


def test_a_running_azurite_is_recognized(session_azurite: Azurite):
    endpoint = next(part for part in session_azurite.connection_string.split(";") if part.startswith("BlobEndpoint="))
    assert start.is_azurite(int(urlsplit(endpoint.partition("=")[2]).port or 0))


def test_a_port_that_is_silent_or_closed_is_no_azurite(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(start, "PROBE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not start.is_azurite(silent.getsockname()[1])
    assert not start.is_azurite(free_port())


@pytest.mark.usefixtures("func")
def test_func_is_used_where_it_is_on_the_path_unless_the_emulator_is_asked_for():
    assert choose_host(None) == FUNC
    assert choose_host("emulator") == EMULATOR


@pytest.mark.usefixtures("no_func")
def test_the_emulator_is_used_where_func_is_not_unless_func_is_asked_for():
    assert choose_host(None) == choose_host("") == EMULATOR
    with pytest.raises(FunctionsHostError, match="expected func on the PATH, but it is not"):
        choose_host("func")


@pytest.mark.skipif(os.name == "nt", reason="the host that ends at once is a shell script")
@pytest.mark.usefixtures("func")
def test_a_host_that_exits_by_itself_is_reported(tmp_path: Path):
    log = tmp_path / "log"
    (tmp_path / "bin" / "func").write_text("#!/bin/sh\necho no functions found\nexit 3\n")
    with pytest.raises(FunctionsHostError, match="no functions found"), start.running_host(FUNC, free_port(), log):
        pass


def test_events_beside_an_azurite_that_was_not_started_here_are_refused_with_one_sentence():
    with (
        pytest.raises(AzuriteError, match="expected to start Azurite, since events are read from its access log"),
        start.running_events(None),
    ):
        pass


def test_events_announce_uploads_to_the_queue_of_the_client_that_is_enabled_instead(
    azurite: Azurite, monkeypatch: pytest.MonkeyPatch
):
    for name in start.EVENT_SETTINGS:
        monkeypatch.setenv(name, "")
    container = BlobServiceClient.from_connection_string(azurite.connection_string).get_container_client("image-input")
    queue = QueueClient.from_connection_string(azurite.connection_string, "image-events")
    with start.running_events(azurite):
        assert {name: os.environ[name] for name in start.EVENT_SETTINGS} == start.EVENT_SETTINGS
        container.create_container()
        container.upload_blob("a.png", image())
        wait_until(lambda: queue.get_queue_properties().approximate_message_count == 1)
