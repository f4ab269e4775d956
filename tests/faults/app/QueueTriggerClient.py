"""The deployed queue trigger, with the places at which the fault matrix can kill the host."""

import azure.functions as func

from image_metadata.durable_sdk import durable_client
from image_metadata.queue_trigger_client import announce_event
from tests.support.killing import reach


async def main(event: func.QueueMessage, starter: str, context: func.Context) -> None:
    reach("after the event")
    async with durable_client(starter, context.invocation_id) as client:
        message = event.get_body().decode("utf-8", "replace")
        await announce_event(message, event.dequeue_count or 1, client, context.invocation_id)
    reach("after the start")
