"""A blob trigger, an orchestrator and an activity: what the blob says decides what goes wrong.

They tell the test what they do: a line of JSON each in the file that the setting TOLD names.
"""

import hashlib
import json
import os
import time
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func


async def watch(blob: func.InputStream, starter: str) -> None:
    content = blob.read().decode()
    _tell(delivered=blob.name, content=content, uri=blob.uri, length=blob.length, properties=blob.blob_properties)
    if content == "refuse":
        raise ValueError("refused as asked")
    if content == "ignore":
        return
    client = df.DurableOrchestrationClient(starter)
    instance_id = hashlib.sha256(f"{blob.name}\n{content}".encode()).hexdigest()
    if not await client.get_status(instance_id):
        await client.start_new("Hold", instance_id, [blob.name, content])


def _hold(context: df.DurableOrchestrationContext):
    told = context.get_input()
    if told[1] == "fail":
        raise ValueError("failed as asked")
    return (yield context.call_activity_with_retry("Work", df.RetryOptions(200, 1000), told))


main = df.Orchestrator.create(_hold)


def work(told: list) -> str:
    """Fails while the file that the setting OUTAGE names exists."""
    name, content = told
    if Path(os.environ["OUTAGE"]).exists():
        raise OSError("the database is away")
    if content.startswith("slow"):
        time.sleep(0.5)
    _tell(worked=name, content=content)
    return content


def _tell(**what: object) -> None:
    with Path(os.environ["TOLD"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")
