"""Calling functions as the Python worker does, on the app in ``apps/running``."""

import asyncio
import json
import logging
import re
from collections.abc import Iterator

import pytest
from azure.functions.meta import Datum

from functions_emulator.app.directory import load_app
from functions_emulator.errors import FunctionFailedError
from functions_emulator.worker.worker import Worker
from tests.functions_emulator.fixture_apps import APPS, SETTINGS

METADATA = {
    "BlobTrigger": Datum("inbox/a b.png", "string"),
    "Uri": Datum('"http://127.0.0.1/inbox/a%20b.png"', "json"),
    "Properties": Datum('{"ContentLength": 3, "ETag": {}}', "json"),
    "Metadata": Datum('{"owner": "me"}', "json"),
    "name": Datum("a b.png", "string"),
}
INVOCATION = r"Id=[0-9a-f-]{36}"


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    settings = {"PYTHON_THREADPOOL_THREAD_COUNT": "2", "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING": "1"}
    with Worker(load_app(APPS / "running", SETTINGS | settings)) as loaded:
        yield loaded


def call(worker: Worker, function: str, payload: object, **labels: str):
    """What an activity returns for a payload, both as JSON values."""
    inputs = {"payload": Datum(json.dumps(payload), "string")}
    result = asyncio.run(worker.invoke(function, inputs, **labels))
    assert result is not None
    return json.loads(result.value)


def failure(worker: Worker, function: str, payload: object = None) -> FunctionFailedError:
    with pytest.raises(FunctionFailedError) as failed:
        call(worker, function, payload)
    return failed.value


def deliver(worker: Worker, function: str, **others: Datum) -> None:
    inputs = {"blob": Datum(b"png", "bytes"), **others}
    assert asyncio.run(worker.invoke(function, inputs, METADATA, reason="New blob detected")) is None


@pytest.mark.parametrize("payload", [None, 1, "text", [1, None], {"a": {"b": "é"}}, "{not json"])
@pytest.mark.parametrize("function", ["echo", "echo_coroutine", "echo_annotated"])
def test_an_activity_receives_and_returns_json(worker: Worker, function: str, payload: object):
    assert call(worker, function, payload) == payload


def test_a_blob_arrives_with_its_metadata_and_the_client_as_text(worker: Worker, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    deliver(worker, "blob_stream", starter=Datum("{}", "string"))
    expected = ["inbox/a b.png", "http://127.0.0.1/inbox/a%20b.png", 3, {"owner": "me"}, b"png", "{}"]
    assert str(expected) in caplog.messages


def test_a_blob_annotated_as_bytes_is_only_its_bytes(worker: Worker, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    deliver(worker, "blob_bytes")
    assert str(b"png") in caplog.messages


def test_a_trigger_that_returns_something_fails_in_the_hosts_words(worker: Worker):
    with pytest.raises(FunctionFailedError) as failed:
        deliver(worker, "blob_returns")
    message = "RuntimeError: function 'blob_returns' without a $return bindingreturned a non-None value"
    assert str(failed.value) == message


@pytest.mark.parametrize(
    ("function", "reported"),
    [
        ("raises", "ValueError: bad thing\nsecond line"),
        ("raises_in_coroutine", "ValueError: bad thing"),
        ("times_out_by_itself", "TimeoutError: thing"),
        ("cancels_itself", "CancelledError: thing"),
        ("exits", "SystemExit: thing"),
        ("unprintable_error", "UnprintableError: Could not serialize original exception message."),
    ],
)
def test_a_failure_is_reported_by_type_and_message(worker: Worker, function: str, reported: str):
    assert str(failure(worker, function, "thing")) == reported


def test_a_failure_carries_the_functions_own_stack_only(worker: Worker):
    (frame,) = re.findall(r'File "(.*)", line', failure(worker, "raises", "thing").stack)
    assert frame == str(APPS / "running" / "raises" / "__init__.py")


def test_an_end_of_iteration_in_an_activity_is_a_failure_and_no_hang(worker: Worker):
    assert failure(worker, "stops_iteration", []).type_name == "StopIteration"


def test_a_result_that_is_not_json_fails_as_in_azure(worker: Worker):
    failed = failure(worker, "not_json", "thing")
    assert str(failed) == "ValueError: activity trigger output must be json serializable ({'thing'})"


@pytest.mark.parametrize("function", ["hangs", "hangs_in_coroutine"])
def test_a_function_that_hangs_fails_at_the_function_timeout(worker: Worker, function: str):
    failed = failure(worker, function, 1.2)
    assert str(failed) == (
        f"FunctionTimeoutException: Timeout value of 00:00:01 was exceeded by function: Functions.{function}"
    )


def test_plain_functions_run_side_by_side_in_a_bounded_pool(worker: Worker):
    async def three_at_once() -> set[str]:
        inputs = {"payload": Datum("0.3", "string")}
        results = await asyncio.gather(*(worker.invoke("thread_of", inputs) for _ in range(3)))
        return {result.value for result in results if result}

    assert len(asyncio.run(three_at_once())) == 2


def test_a_context_that_is_no_binding_is_the_functions_context(worker: Worker):
    folder = str(APPS / "running" / "with_context")
    assert call(worker, "with_context", 7) == [7, "with_context", folder, 36, True, 0, ""]


def test_a_function_runs_under_its_azure_name_in_the_app_folder_with_its_settings(worker: Worker):
    assert call(worker, "where", "Images") == ["__app__.where", str(APPS / "running"), SETTINGS["Images"]]


def orchestrate(worker: Worker, function: str, history: list[dict[str, object]]):
    context = {
        "history": history,
        "input": '"secret-name"',
        "instanceId": "i1",
        "isReplaying": False,
        "parentInstanceId": None,
        "upperSchemaVersion": 1,
        "upperSchemaVersionNew": 3,
    }
    inputs = {"context": Datum(json.dumps(context), "string")}
    result = asyncio.run(worker.invoke(function, inputs, instance_id="i1"))
    assert result is not None
    return json.loads(result.value)


def event(kind: int, identity: int = -1, **more: object) -> dict[str, object]:
    return {"EventType": kind, "EventId": identity, "IsPlayed": False, "Timestamp": "2026-11-22T06:00:00Z", **more}


START = [event(12), event(0, Name="orchestrator", Version="", Input='"secret-name"')]
AFTER = [*START, event(4, 0, Name="echo"), event(13), event(12), event(5, TaskScheduledId=0, Result='"done"')]


def test_an_orchestrator_answers_with_its_actions_and_then_its_output(worker: Worker):
    first = orchestrate(worker, "orchestrator", START)
    assert [action["functionName"] for action in first["actions"][0]] == ["echo"]
    last = orchestrate(worker, "orchestrator", AFTER)
    assert (last["isDone"], last["output"]) == (True, "done")


def test_a_failed_orchestrator_reports_its_state_to_the_engine_but_not_to_the_log(
    worker: Worker, caplog: pytest.LogCaptureFixture
):
    with pytest.raises(FunctionFailedError, match="OutOfProcData") as failed:
        orchestrate(worker, "orchestrator_fails", AFTER)
    assert "secret-name" in str(failed.value)
    assert "secret-name" not in caplog.text
    assert "second episode" in caplog.text


def test_a_generator_that_was_not_made_an_orchestrator_fails_with_the_next_move(worker: Worker):
    with pytest.raises(FunctionFailedError, match=re.escape("write main = df.Orchestrator.create(…)")):
        orchestrate(worker, "orchestrator_uncreated", START)


def test_a_success_is_logged_as_core_tools_logs_it(worker: Worker, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    call(worker, "echo", 1, instance_id="abc")
    executing, executed = caplog.messages
    assert re.fullmatch(rf"Executing 'Functions.echo' \(Reason='\(null\)', {INVOCATION}, InstanceId=abc\)", executing)
    assert re.fullmatch(
        rf"Executed 'Functions.echo' \(Succeeded, {INVOCATION}, InstanceId=abc, Duration=\d+ms\)", executed
    )


def test_a_failure_is_logged_in_one_line(worker: Worker, caplog: pytest.LogCaptureFixture):
    failure(worker, "raises", "thing")
    (line,) = caplog.messages
    assert re.fullmatch(
        rf"Executed 'Functions.raises' \(Failed, {INVOCATION}, Duration=\d+ms\): ValueError: bad thing", line
    )


def test_the_log_never_holds_a_payload(worker: Worker, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG, "Function")
    call(worker, "echo", "private-thing")
    assert "private-thing" in str(failure(worker, "not_json", "private-thing"))
    assert len(caplog.messages) == 4
    assert "private-thing" not in caplog.text


def test_a_canceled_call_is_logged_and_stays_canceled(worker: Worker, caplog: pytest.LogCaptureFixture):
    async def canceled() -> None:
        inputs = {"payload": Datum("30", "string")}
        await asyncio.wait_for(worker.invoke("hangs_in_coroutine", inputs), 0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(canceled())
    assert "(Canceled, " in caplog.text
