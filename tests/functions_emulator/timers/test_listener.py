"""The timer trigger on a real Azurite, with the app in ``apps/listening``."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobClient, BlobServiceClient

from imagectl.local.azurite import Azurite
from tests.functions_emulator.durable_app import RunningApp, running_app
from tests.functions_emulator.listening_app import LISTENING, NEVER, Listening

EVERY_SECOND, HOURLY = "* * * * * *", "0 0 * * * *"
HOUR = timedelta(hours=1)


@pytest.fixture
def listening(session_azurite: Azurite, tmp_path: Path) -> Listening:
    app = Listening(session_azurite, tmp_path)
    with suppress(ResourceNotFoundError):
        for blob in status_blobs(app):
            blob.delete_blob()
    return app


def status_blobs(listening: Listening) -> list[BlobClient]:
    container = BlobServiceClient.from_connection_string(listening.azurite.connection_string).get_container_client(
        "azure-webjobs-hosts"
    )
    return [container.get_blob_client(name) for name in container.list_blob_names(name_starts_with="timers/")]


def status_blob(listening: Listening) -> BlobClient:
    (blob,) = status_blobs(listening)
    return blob


def status(listening: Listening) -> dict[str, str]:
    return json.loads(status_blob(listening).download_blob().readall())


def call(app: RunningApp, function: str, body: str = '{"input": ""}') -> int:
    try:
        with urlopen(Request(f"{app.host.url}/admin/functions/{function}", body.encode())) as answer:  # noqa: S310  # our own address
            return answer.status
    except HTTPError as error:
        return error.code


def test_it_runs_at_every_time_of_its_schedule(listening: Listening):
    with running_app(LISTENING, **listening.settings | {"SCHEDULE": EVERY_SECOND}):
        ticks = listening.wait_for("tick", 2)
    assert [tick["tick"] for tick in ticks[:2]] == [False, False]
    assert set(ticks[0]["status"]) == {"Last", "Next", "LastUpdated"}


def test_it_never_runs_twice_at_once(listening: Listening):
    settings = listening.settings | {"SCHEDULE": EVERY_SECOND, "TICK_SECONDS": "1.5"}
    with running_app(LISTENING, **settings) as app:
        listening.wait_for("tick", 1)
        assert call(app, "Tick") == 202
        listening.wait_for("tick", 3)
    kinds = ["tick" in json.loads(line) for line in listening.journal_file.read_text("utf-8").splitlines()]
    assert kinds == [True, False] * (len(kinds) // 2)


def test_a_first_start_runs_nothing_and_writes_when_it_is_due(listening: Listening):
    with running_app(LISTENING, **listening.settings | {"SCHEDULE": HOURLY}):
        pass
    assert listening.journal("tick") == []
    written = status(listening)
    assert (written["Last"], datetime.fromisoformat(written["Next"]) - datetime.now(UTC) <= HOUR) == (None, True)


@pytest.mark.parametrize("last", ["Last", "LastUpdated"])
def test_a_time_that_was_missed_while_the_app_was_down_runs_once_at_its_start(listening: Listening, last: str):
    settings = listening.settings | {"SCHEDULE": HOURLY}
    with running_app(LISTENING, **settings):
        pass
    long_ago = (datetime.now(UTC) - 5 * HOUR).isoformat()
    status_blob(listening).upload_blob(json.dumps(status(listening) | {last: long_ago}), overwrite=True)
    for _ in range(2):
        with running_app(LISTENING, **settings):
            listening.wait_for("ticked", 1)
    assert listening.values("tick") == [True]
    assert datetime.fromisoformat(status(listening)["Last"]) > datetime.now(UTC) - HOUR


def test_a_damaged_status_is_replaced(listening: Listening, caplog: pytest.LogCaptureFixture):
    with running_app(LISTENING, **listening.settings | {"SCHEDULE": HOURLY}):
        pass
    status_blob(listening).upload_blob(b"{", overwrite=True)
    with running_app(LISTENING, **listening.settings | {"SCHEDULE": HOURLY}):
        pass
    assert "its schedule status in storage is damaged" in caplog.text
    assert status(listening)["Last"] is None


def test_a_call_by_hand_runs_it_besides_its_schedule(listening: Listening, caplog: pytest.LogCaptureFixture):
    with running_app(LISTENING, **listening.settings | {"SCHEDULE": NEVER}) as app:
        caplog.set_level("INFO")
        assert call(app, "tick") == 202
        listening.wait_for("ticked", 1)
        assert (call(app, "Nope"), call(app, "Work"), call(app, "Tick", "[]")) == (404, 404, 400)
    assert listening.values("tick") == [False]
    assert "Reason='This function was programmatically called via the host APIs.'" in caplog.text


def test_stopping_waits_for_the_run(listening: Listening):
    with running_app(LISTENING, **listening.settings | {"TICK_SECONDS": "0.5"}) as app:
        assert call(app, "Tick") == 202
        listening.wait_for("tick", 1)
    assert listening.values("ticked") == [False]


def test_a_disabled_timer_does_not_run(listening: Listening):
    settings = listening.settings | {"SCHEDULE": EVERY_SECOND, "AzureWebJobs.Tick.Disabled": "1"}
    with running_app(LISTENING, **settings) as app:
        assert call(app, "Tick") == 404
    assert listening.journal("tick") == []
