"""A queue trigger, a timer trigger, an orchestrator and an activity. The message's text decides what fails.

Each records what it does as a line of JSON in the file that the setting JOURNAL names.
"""

import json
import os
import time
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func


async def receive(event: func.QueueMessage, starter: str) -> None:
    text = event.get_body().decode()
    times = [event.insertion_time, event.expiration_time, event.time_next_visible]
    _record(received=text, dequeue_count=event.dequeue_count, id=event.id, times=[str(one) for one in times])
    if text == "refuse":
        raise ValueError("refused as asked")
    if text != "ignore":
        await df.DurableOrchestrationClient(starter).start_new("Hold", None, text)


def tick(timer: func.TimerRequest) -> None:
    _record(tick=timer.past_due, status=timer.schedule_status)
    time.sleep(float(os.environ.get("TICK_SECONDS", "0")))
    _record(ticked=timer.past_due)


def _hold(context: df.DurableOrchestrationContext):
    text = context.get_input()
    if text == "fail":
        raise ValueError("failed as asked")
    return (yield context.call_activity_with_retry("Work", df.RetryOptions(200, 1000), text))


main = df.Orchestrator.create(_hold)


def work(text: str) -> str:
    """Fails while the file that the setting OUTAGE names exists."""
    if Path(os.environ["OUTAGE"]).exists():
        raise OSError("the database is down")
    _record(worked=text)
    return text


def _record(**what: object) -> None:
    with Path(os.environ["JOURNAL"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")
