"""One orchestrator per thing that the engine does, or refuses to do."""

import random
from datetime import timedelta
from typing import Any

import azure.durable_functions as df


class Backoff(df.RetryOptions):
    """Retry options with what the host reads and the SDK does not write."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options["first"], options["attempts"])
        self._more = options.get("more", {})

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), **self._more}


def _sequence(context: df.DurableOrchestrationContext):
    doubled = yield context.call_activity("Double", context.get_input())
    nothing = yield context.call_activity("Nothing", doubled)
    return [doubled, nothing]


def _retrying(context: df.DurableOrchestrationContext):
    options = context.get_input()
    try:
        attempt = yield context.call_activity_with_retry("Flaky", Backoff(options), options)
    except Exception as error:  # noqa: BLE001  # the SDK raises no other
        return str(error)
    after = yield context.call_activity("Double", attempt)
    return [attempt, after]


def _fan_out(context: df.DurableOrchestrationContext):
    options = df.RetryOptions(1, 3)
    flaky = [
        context.call_activity_with_retry("Flaky", options, {"key": f"{context.instance_id}/{number}", "failures": 1})
        for number in range(3)
    ]
    return (yield context.task_all([*flaky, context.call_activity("Double", 21)]))


def _race(context: df.DurableOrchestrationContext):
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    work = context.call_activity("Double", 21)
    winner = yield context.task_any([timer, work])
    timer.cancel()
    again = yield context.call_activity("Double", winner.result)
    return [winner == work, again]


def _sleeping(context: df.DurableOrchestrationContext):
    before = context.current_utc_datetime
    yield context.create_timer(before + timedelta(milliseconds=context.get_input()))
    return (context.current_utc_datetime - before) / timedelta(milliseconds=1)


def _long_sleeping(context: df.DurableOrchestrationContext):
    yield context.create_timer(context.current_utc_datetime + timedelta(days=7))


def _failing(context: df.DurableOrchestrationContext):
    yield context.call_activity("Double", 1)
    context.set_custom_status({"step": "failing"})
    raise ValueError(context.get_input())


def _echo(context: df.DurableOrchestrationContext):
    return context.get_input()
    yield


def _waiting(context: df.DurableOrchestrationContext):
    yield context.call_activity("Slow", context.get_input())
    return "waited"


def _counting(context: df.DurableOrchestrationContext):
    return (yield context.call_activity("Slow", float(context.get_input())))


def _at_random(context: df.DurableOrchestrationContext):
    yield context.call_activity("Double", random.random())  # noqa: S311  # just random
    yield context.call_activity("Double", 1)


def _leaking(context: df.DurableOrchestrationContext):
    yield context.call_activity("Double", {"quoted": 'https://a/b?sig=c "d"'})
    raise ValueError("unrelated")


def _unfinished(_context: df.DurableOrchestrationContext):
    yield None


def _telling(context: df.DurableOrchestrationContext):
    context.set_custom_status("doubling")
    doubled = yield context.call_activity("Double", 21)
    context.set_custom_status({"doubled": doubled})
    yield context.call_activity("Slow", context.get_input())
    return doubled


def _calling(context: df.DurableOrchestrationContext):
    return (yield context.call_activity(context.get_input(), None))


def _sub_orchestrating(context: df.DurableOrchestrationContext):
    yield context.call_sub_orchestrator("Echo", 1)


def _waiting_for_event(context: df.DurableOrchestrationContext):
    yield context.wait_for_external_event("Approved")


def _continuing_as_new(context: df.DurableOrchestrationContext):
    context.continue_as_new(1)
    yield context.call_activity("Double", 1)


def _calling_http(context: df.DurableOrchestrationContext):
    yield context.call_http("GET", "http://127.0.0.1/")


def _signaling_entity(context: df.DurableOrchestrationContext):
    context.signal_entity(df.EntityId("Counter", "1"), "add", 1)
    yield context.call_activity("Double", 1)


def _timing_out(context: df.DurableOrchestrationContext):
    options = Backoff({"first": 1, "attempts": 3, "more": {"retryTimeoutInMilliseconds": 1000}})
    yield context.call_activity_with_retry("Double", options, 1)


sequence = df.Orchestrator.create(_sequence)
retrying = df.Orchestrator.create(_retrying)
fan_out = df.Orchestrator.create(_fan_out)
race = df.Orchestrator.create(_race)
sleeping = df.Orchestrator.create(_sleeping)
long_sleeping = df.Orchestrator.create(_long_sleeping)
failing = df.Orchestrator.create(_failing)
echo = df.Orchestrator.create(_echo)
waiting = df.Orchestrator.create(_waiting)
counting = df.Orchestrator.create(_counting)
at_random = df.Orchestrator.create(_at_random)
leaking = df.Orchestrator.create(_leaking)
unfinished = df.Orchestrator.create(_unfinished)
telling = df.Orchestrator.create(_telling)
calling = df.Orchestrator.create(_calling)
sub_orchestrating = df.Orchestrator.create(_sub_orchestrating)
waiting_for_event = df.Orchestrator.create(_waiting_for_event)
continuing_as_new = df.Orchestrator.create(_continuing_as_new)
calling_http = df.Orchestrator.create(_calling_http)
signaling_entity = df.Orchestrator.create(_signaling_entity)
timing_out = df.Orchestrator.create(_timing_out)
