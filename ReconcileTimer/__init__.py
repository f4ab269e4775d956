"""On schedule: announce what is in the container and in no table, and purge old history."""

from functools import partial

import azure.functions as func

from image_metadata.durable_sdk import durable_client, purge_completed


async def main(timer: func.TimerRequest, starter: str, context: func.Context) -> None:  # noqa: ARG001  # the binding's
    # Imported here: every worker loads this folder, and one of them runs it once a night.
    from image_metadata.history import purge_history  # noqa: PLC0415  # see above
    from image_metadata.reconcile_timer import reconcile  # noqa: PLC0415  # see above

    async with durable_client(starter, context.invocation_id) as client:
        try:
            await reconcile(client)
        finally:
            # Also in a night without storage or database: a history that is left for two nights stays for good.
            await purge_history(partial(purge_completed, client))
