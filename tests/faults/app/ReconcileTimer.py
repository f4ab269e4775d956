"""The deployed reconciliation, with a place in its middle at which the host can be killed."""

from typing import Any

import azure.durable_functions as df
import azure.functions as func

from image_metadata.database.connections import app_connections
from image_metadata.database.upload_tables import UploadTables
from image_metadata.durable_sdk import durable_client
from image_metadata.reconcile_timer import reconcile
from tests.support.killing import reach


class KillingClient:
    """The durable client of the invocation; the host can be killed after each start."""

    def __init__(self, client: df.DurableOrchestrationClient) -> None:
        self._client = client

    async def get_status(self, instance_id: str) -> Any:
        return await self._client.get_status(instance_id)

    async def start_new(self, name: str, instance_id: str | None, client_input: Any | None) -> str:
        started = await self._client.start_new(name, instance_id, client_input)
        reach("in the middle of a reconciliation")
        return started


async def main(timer: func.TimerRequest, starter: str, context: func.Context) -> None:  # noqa: ARG001  # the binding's
    async with durable_client(starter, context.invocation_id) as client:
        await reconcile(KillingClient(client), UploadTables(app_connections()))
