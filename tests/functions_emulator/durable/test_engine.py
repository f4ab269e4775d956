"""Orchestrations on the real engine and through the SDK's real replay, on the app in ``apps/durable``."""

import asyncio
import time
import uuid

import pytest

from functions_emulator.app.directory import load_app
from functions_emulator.durable.engine import Engine, InstanceLiveError
from functions_emulator.durable.instances import Instance, Query, Status
from functions_emulator.durable.runner import Runner
from functions_emulator.worker.worker import Worker
from tests.functions_emulator.durable_app import STRICT, RunningApp, finished, running_app, wait_until
from tests.functions_emulator.fixture_apps import APPS, SETTINGS


def flaky(failures: int, attempts: int, **more: object) -> dict[str, object]:
    return {"key": uuid.uuid4().hex, "failures": failures, "first": 10, "attempts": attempts, "more": more}


def event_types(instance: Instance) -> list[int]:
    return [event["EventType"] for event in instance.events]


def numbered(instance: Instance) -> list[tuple[int, int]]:
    return [(event["EventType"], event["EventId"]) for event in instance.events if event["EventId"] >= 0]


def test_results_pass_from_step_to_step_and_no_result_is_none(durable: RunningApp):
    instance = durable.play("Sequence", "ab")
    assert (instance.status, instance.output) == (Status.COMPLETED, ["abab", None])


def test_an_episode_ends_and_begins_around_every_event(durable: RunningApp):
    assert event_types(durable.play("Sequence", 1)) == [12, 0, 4, 13, 12, 5, 4, 13, 12, 5, 13, 1]


def test_a_retried_activity_leaves_the_history_that_the_host_leaves(durable: RunningApp):
    instance = durable.play("Retrying", flaky(1, 3))
    assert instance.output == [2, 4]
    assert event_types(instance) == [12, 0, 4, 13, 12, 6, 10, 13, 12, 11, 4, 13, 12, 5, 4, 13, 12, 5, 13, 1]
    assert numbered(instance) == [(4, 0), (10, 1), (4, 2), (4, 3)]


def test_after_the_last_attempt_the_host_still_creates_a_timer_without_delay(durable: RunningApp):
    instance = durable.play("Retrying", flaky(9, 2))
    assert numbered(instance) == [(4, 0), (10, 1), (4, 2), (10, 3)]
    last = [event for event in instance.events if event["EventType"] == 10][-1]
    assert last["FireAt"] == last["Timestamp"]


def test_an_exhausted_retry_raises_the_last_failure_as_the_host_words_it(durable: RunningApp):
    options = flaky(9, 2)
    reason, _, details = durable.play("Retrying", options).output.partition(" \n ")
    assert reason == f"Activity function 'Flaky' failed:  ValueError: attempt 2 of {options['key']}"
    assert '"ClassName": "Microsoft.Azure.WebJobs.Host.FunctionInvocationException"' in details
    assert "activities.py" in details


def test_retries_wait_for_their_interval(durable: RunningApp):
    options = flaky(3, 4, backoffCoefficient=2.0) | {"first": 40}
    start = time.monotonic()
    durable.play("Retrying", options)
    assert time.monotonic() - start >= 0.04 + 0.08 + 0.16


def test_fan_out_retries_each_branch_and_keeps_their_order(durable: RunningApp):
    assert durable.play("FanOut").output == [2, 2, 2, 42]


def test_a_race_ends_with_the_first_and_drops_the_canceled_timer(durable: RunningApp):
    assert durable.play("Race").output == [True, 84]


def test_a_timer_moves_the_orchestrations_clock(durable: RunningApp):
    assert durable.play("Sleeping", 120).output >= 120


def test_a_failed_orchestration_says_why_and_keeps_its_custom_status(durable: RunningApp):
    instance = durable.play("Failing", "no such luck")
    assert (instance.status, instance.custom_status) == (Status.FAILED, {"step": "failing"})
    assert instance.output == "Orchestrator function 'Failing' failed: no such luck"


def test_the_custom_status_is_visible_while_the_orchestration_runs(durable: RunningApp):
    instance = durable.start("Telling", 0.3)
    wait_until(lambda: instance.custom_status == {"doubled": 42})
    assert instance.status is Status.RUNNING
    assert finished(instance).output == 42


def test_text_that_looks_like_a_secret_damages_the_state_of_a_failing_orchestration_as_in_azure(durable: RunningApp):
    instance = durable.play("Leaking")
    assert instance.output.startswith("Orchestrator function 'Leaking' failed: expected the state of an orchestrator")


def test_secrets_in_an_activitys_exception_are_hidden(durable: RunningApp):
    options = flaky(9, 1) | {"key": 'Password=hidden" shown'}
    output = durable.play("Retrying", options).output
    assert "[Hidden Credential]" in output
    assert "Password=hidden" not in output.partition("RemoteStackTrace")[0]


def test_an_orchestrator_that_is_not_deterministic_fails(durable: RunningApp):
    assert "Non-Deterministic workflow detected: action 0" in durable.play("Random").output


@pytest.mark.parametrize(
    ("orchestrator", "name"),
    [
        ("SubOrchestrating", "call_sub_orchestrator"),
        ("WaitingForEvent", "wait_for_external_event"),
        ("ContinuingAsNew", "continue_as_new"),
        ("CallingHttp", "call_http"),
        ("SignalingEntity", "signal_entity"),
        ("TimingOut", "retryTimeoutInMilliseconds"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(durable: RunningApp, orchestrator: str, name: str):
    instance = durable.play(orchestrator)
    assert instance.status is Status.FAILED
    assert instance.output.startswith(f"Orchestrator function '{orchestrator}' failed: {name} ")


def test_an_unknown_activity_fails_the_orchestration_and_names_the_known_ones(durable: RunningApp):
    output = durable.play("Calling", "Nope").output
    assert "The function 'Nope' doesn't exist" in output
    assert "'Double', 'Flaky', 'Nothing', 'Slow'" in output


def test_an_unknown_orchestrator_starts_and_then_fails(durable: RunningApp):
    assert "The function 'Nope' doesn't exist" in durable.play("Nope").output


def test_an_orchestrator_that_awaits_nothing_fails(durable: RunningApp):
    assert "awaits nothing" in durable.play("Unfinished").output


def test_activities_run_side_by_side_up_to_the_number_in_host_json(durable: RunningApp):
    instances = [durable.start("Counting", 0.2) for _ in range(6)]
    assert max(finished(instance).output for instance in instances) == 2


def test_a_live_instance_is_not_started_again_and_a_finished_one_is_replaced(durable: RunningApp):
    first = durable.start("Waiting", 1, "same")
    with pytest.raises(InstanceLiveError, match="status Running already exists"):
        durable.start("Waiting", 0, "same")
    finished(first)
    assert finished(durable.start("Echo", "again", "same")).output == "again"
    assert durable.engine.instances["same"] is not first


def test_a_late_activity_of_a_terminated_instance_does_not_reach_its_successor(durable: RunningApp):
    first = durable.start("Counting", 0.3, "reused")
    wait_until(lambda: first.status is Status.RUNNING)
    assert durable.run(durable.engine.terminate(first, "enough"))
    assert (first.status, first.output) == (Status.TERMINATED, "enough")
    second = finished(durable.start("Sleeping", 400, "reused"))
    assert (second.status, first.status) == (Status.COMPLETED, Status.TERMINATED)


def test_purging_removes_ended_instances_only(durable: RunningApp):
    ended, live = durable.play("Echo"), durable.start("Waiting", 1)
    assert durable.engine.purge(Query(id_prefix=ended.id)) == 1
    assert durable.engine.purge(Query(id_prefix=live.id)) == 0


def test_every_activity_runs_twice_on_request():
    with running_app(twice=True) as app:
        assert app.play("Retrying", flaky(0, 3)).output == [2, 4]


def test_no_more_than_the_bound_run_at_once_and_the_others_wait_as_pending():
    async def scenario() -> None:
        app = load_app(APPS / "durable", SETTINGS | STRICT)
        with Worker(app) as worker:
            engine = Engine(app.host, Runner(app, worker), max_running=2)
            await engine.start()
            instances = [await engine.start_instance("Waiting", str(number), "0.2") for number in range(4)]
            assert [instance.status for instance in instances[2:]] == [Status.PENDING] * 2
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(engine.wait_for_capacity(), 0.1)
            await asyncio.wait_for(engine.wait_for_capacity(), 10)
            await engine.terminate(instances[3], "not needed")
            await engine.stop()

    asyncio.run(scenario())


def test_stopping_lets_running_activities_finish_and_leaves_other_instances_to_be_resumed():
    with running_app() as app:
        instances = [app.start("Counting", 0.3) for _ in range(9)]
        wait_until(lambda: [one for one in instances if one.status is Status.COMPLETED])
    assert {instance.status for instance in instances} <= {Status.COMPLETED, Status.RUNNING, Status.PENDING}


def test_what_the_engine_makes_of_cut_off_work_while_stopping_fails_no_instance(caplog: pytest.LogCaptureFixture):
    for _ in range(3):
        with running_app() as app:
            instances = [app.start("Retrying", flaky(2, 9)) for _ in range(9)]
            wait_until(lambda: instances[0].status is Status.RUNNING)  # noqa: B023  # called in this iteration
        assert not [one.output for one in instances if one.status is Status.FAILED]
    assert "cannot continue" not in caplog.text


def test_a_disabled_orchestrator_is_not_known():
    with running_app(**{"AzureWebJobs.Echo.Disabled": "true"}) as app:
        assert "The function 'Echo' doesn't exist, is disabled" in app.play("Echo").output
