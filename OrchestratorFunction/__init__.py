"""Step 2: the story of one upload. Extract its metadata, then store what was found."""

from collections.abc import Generator
from typing import Any

import azure.durable_functions as df

from image_metadata.model import Payload, Upload
from image_metadata.orchestrator_function import EXTRACT, EXTRACT_RETRY, STORE, STORE_RETRY, require_accessible, step


def orchestrate(context: df.DurableOrchestrationContext) -> Generator[Any, Any, Payload]:
    upload = Upload.from_dict(context.get_input())
    found = yield from step(context, EXTRACT, EXTRACT_RETRY, upload, upload.to_dict())
    return (yield from step(context, STORE, STORE_RETRY, upload, require_accessible(found)))


main = df.Orchestrator.create(orchestrate)
