"""The queue trigger on a real Azurite, with the app in ``apps/listening``."""

import asyncio
import json
import uuid
from collections import Counter
from datetime import datetime
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from imagectl.local.azurite import Azurite
from tests.functions_emulator.durable_app import running_app, wait_until
from tests.functions_emulator.host_process import host_process
from tests.functions_emulator.listening_app import LISTENING, Listening
from tests.support.access_log import requests


@pytest.fixture
def listening(session_azurite: Azurite, tmp_path: Path) -> Listening:
    app = Listening(session_azurite, tmp_path)
    app.queue.create_queue()
    return app


def test_a_message_arrives_decoded_with_its_metadata_and_is_deleted(listening: Listening):
    listening.send("ä & ö")
    with running_app(LISTENING, **listening.settings):
        (received,) = listening.wait_for("received", 1)
        listening.wait_until_empty()
    assert (received["received"], received["dequeue_count"], len(received["id"])) == ("ä & ö", 1, 36)
    inserted, expires, next_visible = map(datetime.fromisoformat, received["times"])
    assert inserted <= next_visible <= expires
    assert listening.values("worked") == ["ä & ö"]


def test_more_messages_than_a_batch_are_all_received_once(listening: Listening):
    texts = [f"{number:02}" for number in range(30)]
    listening.send(*texts)
    with running_app(LISTENING, **listening.settings):
        listening.wait_until_empty()
    assert Counter(listening.values("worked")) == Counter(texts)
    assert Counter(listening.values("received")) == Counter(texts)


def test_a_message_costs_one_deletion_and_its_share_of_a_batch(listening: Listening):
    listening.send(*["ignore"] * 20)
    with running_app(LISTENING, **listening.settings):
        listening.wait_until_empty()
    assert requests(listening.azurite, "DELETE", f"{listening.queue_name}/messages/") == 20
    assert requests(listening.azurite, "PUT", f"{listening.queue_name}/messages/") == 0


def test_a_message_that_keeps_failing_ends_on_the_poison_queue_in_its_original_text(
    listening: Listening, caplog: pytest.LogCaptureFixture
):
    listening.send("refuse", "sound")
    with running_app(LISTENING, **listening.settings):
        listening.wait_until_empty()
    assert [line["dequeue_count"] for line in listening.journal("received") if line["received"] == "refuse"] == [
        1,
        2,
        3,
    ]
    assert listening.poisoned() == ["cmVmdXNl"]
    assert (
        f"Message has reached MaxDequeueCount of 3. Moving message to queue '{listening.queue_name}-poison'."
        in caplog.text
    )


def test_a_message_that_is_not_base64_goes_to_the_poison_queue_without_an_invocation(
    listening: Listening, caplog: pytest.LogCaptureFixture
):
    listening.send('{"plain": "<text>"}', encoded=False)
    with running_app(LISTENING, **listening.settings):
        listening.wait_until_empty()
    assert (listening.values("received"), listening.poisoned()) == ([], ['{"plain": "<text>"}'])
    assert "Message decoding has failed! Check MessageEncoding settings." in caplog.text


def test_without_encoding_a_message_arrives_as_it_is(listening: Listening):
    listening.send("plain", encoded=False)
    override = {"AzureFunctionsJobHost__extensions__queues__messageEncoding": "none"}
    with running_app(LISTENING, **listening.settings | override):
        listening.wait_for("worked", 1)
    assert listening.values("received") == ["plain"]


def test_a_failed_message_stays_hidden_for_the_visibility_timeout(listening: Listening):
    listening.send("refuse")
    override = {"AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:10:00"}
    with running_app(LISTENING, **listening.settings | override):
        listening.wait_for("received", 1)
        listening.send("ignore")
        wait_until(lambda: listening.left() == 1)
    assert listening.queue.peek_messages() == []


def test_a_queue_that_does_not_exist_yet_is_waited_for(listening: Listening):
    listening.queue.delete_queue()
    with running_app(LISTENING, **listening.settings):
        listening.queue.create_queue()
        listening.send("first")
        listening.wait_for("worked", 1)


def test_a_message_is_deleted_only_when_what_it_started_has_ended(
    listening: Listening, caplog: pytest.LogCaptureFixture
):
    listening.outage.touch()
    listening.send("waiting", "fail")
    with running_app(LISTENING, **listening.settings):
        wait_until(lambda: "the database is down" in caplog.text and listening.left() == 1)
    listening.outage.unlink()
    with running_app(LISTENING, **listening.settings):
        listening.wait_for("worked", 1)
        listening.wait_until_empty()
    assert sorted(listening.values("received")) == ["fail", "waiting", "waiting"]


def test_a_message_is_kept_hidden_for_as_long_as_its_orchestration_runs(
    listening: Listening, caplog: pytest.LogCaptureFixture
):
    listening.outage.touch()
    listening.send("waiting")
    with running_app(LISTENING, message_lease=1, **listening.settings):
        wait_until(lambda: caplog.text.count("the database is down") >= 15)
        listening.outage.unlink()
        listening.wait_until_empty()
    assert listening.values("received") == ["waiting"]


def test_after_a_kill_the_messages_come_again_when_their_lease_ends(listening: Listening, tmp_path: Path):
    listening.outage.touch()
    listening.send("a", "b")
    with host_process(LISTENING, tmp_path, "--message-lease", "2", **listening.settings) as host:
        wait_until(lambda: host.log.count("the database is down") >= 2)
        host.process.kill()
    listening.outage.unlink()
    with host_process(LISTENING, tmp_path, "--message-lease", "2", **listening.settings):
        listening.wait_until_empty()
    assert set(listening.values("worked")) == {"a", "b"}
    assert {line["dequeue_count"] for line in listening.journal("received")} == {1, 2}


def test_a_message_that_cannot_be_moved_to_the_poison_queue_comes_again(
    session_azurite: Azurite, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    # With its suffix the name of the poison queue is longer than storage accepts.
    listening = Listening(session_azurite, tmp_path, queue_name=f"events-{uuid.uuid4().hex}-{'x' * 23}")
    listening.queue.create_queue()
    listening.send("not base64", encoded=False)
    with running_app(LISTENING, message_lease=1, **listening.settings):
        wait_until(lambda: caplog.text.count("Message decoding has failed!") >= 2)
    assert listening.left() == 1


def test_the_log_has_the_hosts_lines(listening: Listening, tmp_path: Path):
    listening.send("ignore")
    with host_process(LISTENING, tmp_path, **listening.settings) as host:
        listening.wait_until_empty()
        log = host.log
    assert "Receive: queueTrigger\n" in log
    assert (
        f"Executing 'Functions.Receive' (Reason='New queue message detected on '{listening.queue_name}'.', Id=" in log
    )
    assert "Trigger Details: MessageId: " in log


def test_a_call_by_hand_is_accepted_and_runs(listening: Listening):
    with running_app(LISTENING, **listening.settings) as app:
        request = Request(f"{app.host.url}/admin/functions/receive", json.dumps({"input": "by hand"}).encode())  # noqa: S310  # our own address
        with urlopen(request) as answer:  # noqa: S310  # as above
            assert answer.status == 202
        listening.wait_for("worked", 1)
    assert listening.values("received") == ["by hand"]


def test_a_disabled_queue_trigger_receives_nothing(listening: Listening):
    listening.send("a")
    with running_app(LISTENING, **listening.settings | {"AzureWebJobs.Receive.Disabled": "true"}) as app:
        app.run(asyncio.sleep(0))
    assert (listening.left(), requests(listening.azurite, "GET", f"{listening.queue_name}/messages")) == (1, 0)
