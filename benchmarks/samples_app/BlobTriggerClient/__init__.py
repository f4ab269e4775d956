import logging

import azure.durable_functions as df
import azure.functions as func


async def main(myblob: func.InputStream, starter: str) -> None:
    logging.info("Blob trigger processed %s, %s bytes", myblob.name, myblob.length)
    client = df.DurableOrchestrationClient(starter)
    instance_id = await client.start_new("OrchestratorFunction", None, myblob.name)
    logging.info("Started orchestration with ID = '%s'.", instance_id)
