"""Step 1: a blob event starts the orchestration of its upload."""

import azure.functions as func

from image_metadata.blob_trigger_client import announce_blob
from image_metadata.durable_sdk import durable_client


async def main(blob: func.InputStream, starter: str, context: func.Context) -> None:
    async with durable_client(starter, context.invocation_id) as client:
        await announce_blob(str(blob.name), client, context.invocation_id)
