"""Step 2: the story of one upload. Extract its metadata, then store what was found."""

from collections.abc import Generator
from typing import Any

import azure.durable_functions as df

from image_metadata.model import Payload, Upload
from image_metadata.workflow import EXTRACT, FOR_A_DAY, FOR_MINUTES, STORE, readable, step


def orchestrate(context: df.DurableOrchestrationContext) -> Generator[Any, Any, Payload]:
    upload = Upload.from_dict(context.get_input())
    found = yield from step(context, EXTRACT, FOR_MINUTES, upload, upload.to_dict())
    return (yield from step(context, STORE, FOR_A_DAY, upload, readable(found)))


main = df.Orchestrator.create(orchestrate)
