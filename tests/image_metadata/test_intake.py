"""An upload that is announced is started once, whatever the host answers."""

import asyncio
import logging
import time
from datetime import timedelta
from typing import Any

import pytest

from image_metadata.errors import SettingError, TransientStorageError
from image_metadata.intake import RetryWindow, announce, retry
from image_metadata.model import Upload
from image_metadata.payload import encode
from tests.support.durable_client import FakeDurableClient

UPLOAD = Upload("pictures", "image-input", "2026/a?sig=b.png", "0x1")


def announced(client: FakeDurableClient, *, ask_first: bool = False) -> bool:
    return asyncio.run(announce(UPLOAD, client, ask_first=ask_first))


def test_an_upload_starts_the_orchestration_under_its_id_without_a_question():
    client = FakeDurableClient()
    assert announced(client)
    assert client.started == [("OrchestratorFunction", UPLOAD.id, encode(UPLOAD))]
    assert client.asked == []


@pytest.mark.parametrize("status", ["Pending", "Running"])
def test_a_refused_start_of_an_active_instance_is_fine(status: str):
    client = FakeDurableClient({UPLOAD.id: (status, None)})
    assert not announced(client)
    assert client.started == []


@pytest.mark.parametrize("kind", ["metadata", "rejection"])
@pytest.mark.parametrize("ask_first", [True, False])
def test_a_finished_instance_with_a_row_is_replaced_unless_asked_first(kind: str, ask_first: bool):
    client = FakeDurableClient({UPLOAD.id: ("Completed", {"kind": kind})})
    assert announced(client, ask_first=ask_first) is not ask_first


@pytest.mark.parametrize(
    "status", [("Completed", {"kind": "deleted"}), ("Completed", None), ("Failed", "failed: x"), ("Terminated", None)]
)
def test_an_instance_that_stored_no_row_is_started_again(status: tuple[str, Any]):
    assert announced(FakeDurableClient({UPLOAD.id: status}), ask_first=True)


def test_a_start_whose_answer_was_lost_is_fine_when_the_instance_runs():
    def answer_lost(client: FakeDurableClient) -> None:
        client.statuses[UPLOAD.id] = ("Completed", {"kind": "metadata"})
        raise TimeoutError

    assert not announced(FakeDurableClient(starting=answer_lost))


def test_a_failed_start_is_raised_when_nothing_runs_so_that_the_event_is_delivered_again():
    def refused(_: FakeDurableClient) -> None:
        raise KeyError("ExceptionMessage")

    with pytest.raises(KeyError):
        announced(FakeDurableClient(starting=refused))


class Attempts:
    """Fails or hangs so many times, then succeeds."""

    def __init__(self, times: int, error: Exception | None) -> None:
        self.made: list[float] = []
        self._times, self._error = times, error

    async def __call__(self) -> str:
        self.made.append(time.monotonic())
        if len(self.made) > self._times:
            return "done"
        if self._error is None:
            await asyncio.sleep(60)
        raise self._error or AssertionError


def retried(attempts: Attempts, seconds: float) -> str:
    window = RetryWindow(timedelta(seconds=seconds), timedelta(seconds=1))
    return asyncio.run(retry(attempts, window, "image-input/a.png", "invocation-7"))


@pytest.mark.parametrize("error", [TransientStorageError("found no answer"), KeyError("ExceptionMessage")])
def test_a_failure_is_retried_within_the_window(error: Exception):
    attempts = Attempts(1, error)
    assert retried(attempts, 10) == "done"
    assert len(attempts.made) == 2


def test_the_last_attempt_is_at_the_end_of_the_window():
    attempts = Attempts(100, TransientStorageError("found no answer"))
    with pytest.raises(TransientStorageError):
        retried(attempts, 1.5)
    assert attempts.made[-1] - attempts.made[0] >= 1.5


def test_an_attempt_that_hangs_is_canceled_and_tried_again():
    attempts = Attempts(1, None)
    assert retried(attempts, 4) == "done"
    assert len(attempts.made) == 2


def test_a_setting_error_is_not_retried():
    attempts = Attempts(1, SettingError("ImageStorage is not set"))
    with pytest.raises(SettingError):
        retried(attempts, 10)
    assert len(attempts.made) == 1


def test_a_retry_is_one_log_line_with_reason_and_invocation(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        retried(Attempts(1, TransientStorageError("found\nstatus 503")), 10)
    (record,) = caplog.records
    assert "invocation-7: TransientStorageError: found%0Astatus 503" in record.getMessage()
