"""Step 1: an Event Grid event from the queue starts the orchestration of its upload."""

import azure.functions as func

from image_metadata.durable_sdk import durable_client
from image_metadata.queue_trigger_client import announce_event


async def main(event: func.QueueMessage, starter: str, context: func.Context) -> None:
    async with durable_client(starter, context.invocation_id) as client:
        message = event.get_body().decode("utf-8", "replace")
        await announce_event(message, event.dequeue_count or 1, client, context.invocation_id)
