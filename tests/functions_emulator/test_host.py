"""The host as a program: what it prints, how it ends, what a kill leaves behind."""

import random
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from imagectl.local.azurite import Azurite
from tests.functions_emulator.durable_app import wait_until
from tests.functions_emulator.fixture_apps import APPS
from tests.functions_emulator.host_process import ended_host, host_process
from tests.functions_emulator.watching_app import WATCHING, Watched

NOWHERE = (
    "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;BlobEndpoint=http://127.0.0.1:9/a;"
    "QueueEndpoint=http://127.0.0.1:9/a"
)


@pytest.fixture
def watched(session_azurite: Azurite, tmp_path: Path) -> Watched:
    return Watched(session_azurite, tmp_path)


def port_of(log: str) -> int:
    found = re.search(r"Durable HTTP API: http://127\.0\.0\.1:(\d+)/runtime", log)
    assert found, log
    return int(found[1])


def test_the_log_names_the_functions_and_every_invocation(watched: Watched, tmp_path: Path):
    watched.put("2026/a b.png")
    with host_process(WATCHING, tmp_path, **watched.settings) as host:
        watched.wait_for_receipts(1)
        assert host.stop(signal.SIGINT) == 0
        log = host.log
    time_stamp = r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] "
    assert "Watch: blobTrigger\n" in log
    reason = re.escape(f"(Reason='New blob detected(LogsAndContainerScan): {watched.container}/2026/a b.png', Id=")
    assert re.search(rf"{time_stamp}Executing 'Functions\.Watch' {reason}", log)
    assert re.search(
        rf"{time_stamp}Executed 'Functions\.Work' \(Succeeded, .*InstanceId=[0-9a-f]{{64}}, Duration=", log
    )
    assert re.search(r"Orchestration 'Hold' Completed \(InstanceId=[0-9a-f]{64}\)\n", log)


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_after_the_running_activity(watched: Watched, tmp_path: Path, signal_number: int):
    watched.put("a", "slow")
    with host_process(WATCHING, tmp_path, **watched.settings) as host:
        wait_until(lambda: "Executing 'Functions.Work'" in host.log)
        assert host.stop(signal_number) == 0
        assert watched.count("worked") == {"a": 1}
        assert (host.errors, host.log.rstrip().endswith("Stopped.")) == ("", True)
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port_of(host.log))) != 0


def test_a_second_ctrl_c_stops_at_once(watched: Watched, tmp_path: Path):
    watched.put("a", "slow for ten seconds")
    with host_process(WATCHING, tmp_path, **watched.settings) as host:
        wait_until(lambda: "Executing 'Functions.Work'" in host.log)
        host.process.send_signal(signal.SIGINT)
        wait_until(lambda: "Stopping" in host.log)
        start = time.monotonic()
        assert host.stop(signal.SIGINT) == 130
        assert time.monotonic() - start < 5
        assert "Traceback" not in host.log + host.errors


def refusal(app: Path, *options: str, **settings: str) -> str:
    """The one line that a host which does not start leaves on stderr."""
    ended = ended_host(app, *options, **settings)
    assert ended.returncode == 1, ended.stdout
    assert ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr.removesuffix("\n")


def test_a_port_in_use_is_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = refusal(APPS / "durable", "--port", str(port))
    assert message.startswith(f"expected to listen on port {port}, found that it cannot be used")
    assert message.endswith("stop the program that uses it, or choose another with --port")


def test_storage_that_does_not_answer_is_one_sentence(tmp_path: Path):
    message = refusal(
        WATCHING, "--port", "0", Images=NOWHERE, JOURNAL=str(tmp_path / "journal"), OUTAGE="", INBOX="inbox"
    )
    assert message == (
        "expected storage at 127.0.0.1:9/a (the setting Images), found that nothing answers there; "
        "start Azurite, or correct the setting"
    )


def test_a_wrong_key_is_one_sentence_without_the_key(watched: Watched):
    wrong = re.sub("AccountKey=[^;]*", "AccountKey=d3Jvbmc=", watched.settings["Images"])
    message = refusal(WATCHING, "--port", "0", **watched.settings | {"Images": wrong})
    assert message.endswith("to accept the key in the setting Images, found AuthorizationFailure; correct it")
    assert "d3Jvbmc=" not in message


def test_a_malformed_connection_string_is_one_sentence_without_it(watched: Watched):
    malformed = "AccountName=a;AccountKey"
    message = refusal(WATCHING, "--port", "0", **watched.settings | {"Images": malformed})
    assert message == "the setting Images is not a storage connection string; correct it"


def test_a_folder_that_is_no_app_is_one_sentence(tmp_path: Path):
    assert refusal(tmp_path / "nowhere").endswith("name the folder that holds host.json")


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment_and_restarted_every_blob_is_worked_on_and_no_completed_one_read_again(
    watched: Watched, tmp_path: Path, seed: int
):
    moments = random.Random(seed)  # noqa: S311  # repeatable by its seed
    names = [f"{number:02}" for number in range(24)]
    for name in names:
        watched.put(name, moments.choice(["slow", "x"]))
    for _ in range(3):
        with host_process(WATCHING, tmp_path, **watched.settings) as host:
            time.sleep(moments.uniform(0, 0.8))
            host.process.kill()
    completed, delivered = watched.receipts(), watched.count("delivered")
    with host_process(WATCHING, tmp_path, **watched.settings):
        watched.wait_for_receipts(len(names))
    assert set(watched.count("worked")) == set(names)
    again = [name for name, times in watched.count("delivered").items() if times > delivered[name]]
    assert len(again) == len(names) - len(completed)
