from collections.abc import Generator
from typing import Any

import azure.durable_functions as df


def orchestrator_function(context: df.DurableOrchestrationContext) -> Generator[Any, Any, Any]:
    blob_name = context.get_input()
    metadata = yield context.call_activity("ExtractMetadata", blob_name)
    return (yield context.call_activity("StoreMetadata", metadata))


main = df.Orchestrator.create(orchestrator_function)
