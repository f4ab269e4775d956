"""Step 1: a blob event starts the orchestration of the upload that it announces."""

import azure.durable_functions as df
import azure.functions as func

from image_metadata.blob_trigger_client import announce


async def main(blob: func.InputStream, starter: str) -> None:
    await announce(str(blob.name), df.DurableOrchestrationClient(starter))
