"""Step 2: the workflow of one upload. Extract its metadata, then store the result."""

from collections.abc import Generator
from typing import Any

import azure.durable_functions as df

from image_metadata.orchestrator_function import EXTRACT_RETRY, STORE_RETRY, call
from image_metadata.payload import Payload


def orchestrate(context: df.DurableOrchestrationContext) -> Generator[Any, Any, Payload]:
    upload = context.get_input()
    outcome = yield from call(context, "ExtractMetadata", upload, EXTRACT_RETRY)
    return (yield from call(context, "StoreMetadata", outcome, STORE_RETRY))


main = df.Orchestrator.create(orchestrate)
