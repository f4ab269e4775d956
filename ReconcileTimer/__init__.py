"""By night: announce what is in the container and in no table, and purge old history."""

from functools import partial

import azure.functions as func

from image_metadata.database.connections import app_connections
from image_metadata.database.upload_tables import UploadTables
from image_metadata.durable_sdk import durable_client, purge_completed
from image_metadata.history import purge_history
from image_metadata.reconcile_timer import reconcile


async def main(timer: func.TimerRequest, starter: str, context: func.Context) -> None:  # noqa: ARG001  # the binding's
    async with durable_client(starter, context.invocation_id) as client:
        await reconcile(client, UploadTables(app_connections()))
        await purge_history(partial(purge_completed, client))
