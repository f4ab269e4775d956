import azure.durable_functions as df


async def main(blob, starter: df.DurableOrchestrationClient): ...
