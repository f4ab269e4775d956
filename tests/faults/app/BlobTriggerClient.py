"""The deployed trigger, with the places at which the fault matrix can kill the host."""

import azure.functions as func

from image_metadata.blob_trigger_client import announce_blob
from image_metadata.durable_sdk import durable_client
from tests.support.killing import reach


async def main(blob: func.InputStream, starter: str, context: func.Context) -> None:
    reach("after the event")
    async with durable_client(starter, context.invocation_id) as client:
        await announce_blob(str(blob.name), client, context.invocation_id)
    reach("after the start")
