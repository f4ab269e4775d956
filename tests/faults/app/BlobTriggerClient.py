"""The deployed trigger, with the places at which the fault matrix can kill the host."""

import azure.durable_functions as df
import azure.functions as func

from image_metadata.blob_trigger_client import announce
from tests.support.killing import reach


async def main(blob: func.InputStream, starter: str) -> None:
    reach("after the event")
    await announce(str(blob.name), df.DurableOrchestrationClient(starter))
    reach("after the start")
