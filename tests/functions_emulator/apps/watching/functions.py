"""A blob trigger, an orchestrator and an activity. The blob's content decides what fails.

Each records what it does as a line of JSON in the file that the setting JOURNAL names.
"""

import hashlib
import json
import os
import time
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func


async def watch(blob: func.InputStream, starter: str) -> None:
    content = blob.read().decode(errors="replace")
    _record(delivered=blob.name, content=content, uri=blob.uri, length=blob.length, properties=blob.blob_properties)
    if content == "refuse":
        raise ValueError("refused as asked")
    if content == "ignore":
        return
    client = df.DurableOrchestrationClient(starter)
    instance_id = hashlib.sha256(f"{blob.name}\n{content}".encode()).hexdigest()
    if not await client.get_status(instance_id):
        await client.start_new("Hold", instance_id, [blob.name, content])


def _hold(context: df.DurableOrchestrationContext):
    blob = context.get_input()
    if blob[1] == "fail":
        raise ValueError("failed as asked")
    return (yield context.call_activity_with_retry("Work", df.RetryOptions(200, 1000), blob))


main = df.Orchestrator.create(_hold)


def work(blob: list) -> str:
    """Fails while the file that the setting OUTAGE names exists."""
    name, content = blob
    if Path(os.environ["OUTAGE"]).exists():
        raise OSError("the database is down")
    if content.startswith("slow"):
        time.sleep(0.5)
    _record(worked=name, content=content)
    return content


def _record(**what: object) -> None:
    with Path(os.environ["JOURNAL"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")
