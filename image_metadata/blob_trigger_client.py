"""What the blob trigger does: one orchestration for the upload that a blob event announces."""

import asyncio
import logging
import time
from typing import Any, Protocol

from image_metadata.errors import SettingError
from image_metadata.model import Upload
from image_metadata.orchestrator_function import ORCHESTRATOR, is_active_or_stored
from image_metadata.storage.blobs import current_upload

_LOG = logging.getLogger(__name__)
_PATIENCE_SECONDS = 60.0


class DurableClient(Protocol):
    """The part of `azure.durable_functions.DurableOrchestrationClient` that is used here."""

    async def get_status(self, instance_id: str) -> Any: ...

    async def start_new(
        self, orchestration_function_name: str, instance_id: str | None, client_input: Any | None
    ) -> str: ...


async def announce(blob_path: str, client: DurableClient, patience: float = _PATIENCE_SECONDS) -> None:
    """Start the orchestration of the newest state of a blob, unless that is under way or has its row.

    The event's own entity tag is unusable, so storage is asked; a blob that is deleted by now is logged and left.
    Trouble is waited out here for about a minute: the queue delivers an event that failed five times without a
    pause, and then gives it up.

    Args:
        blob_path: ``container/name``, decoded, as the trigger names it.
        client: the durable client of this invocation.
        patience: seconds from the first try within which the last one begins.

    Raises:
        TransientStorageError: storage did not answer.
        SettingError: a setting is absent or malformed.
        Exception: the instance could not be started.
    """
    container, _, name = blob_path.partition("/")
    deadline, wait = time.monotonic() + patience, 1.0
    while True:
        try:
            return await _announce(container, name, client)
        except SettingError:
            raise
        except Exception as error:
            if time.monotonic() + wait > deadline:
                raise
            label, trouble = _label(container, name), type(error).__name__
            _LOG.warning("%s is not announced yet (%s); trying again in %.0f s", label, trouble, wait)
        await asyncio.sleep(wait)
        wait *= 2


async def _announce(container: str, name: str, client: DurableClient) -> None:
    # In a thread: the worker has one event loop for everything that is asynchronous.
    upload = await asyncio.to_thread(current_upload, container, name)
    if upload is None:
        _LOG.info("%s is gone before it was read; nothing to do", _label(container, name))
    elif await _is_active_or_stored(client, upload.id):
        _LOG.info("%s is in hand already, instance %s", upload, upload.id)
    else:
        await _start(client, upload)
        _LOG.info("%s starts instance %s", upload, upload.id)


async def _start(client: DurableClient, upload: Upload) -> None:
    try:
        await client.start_new(ORCHESTRATOR, upload.id, upload.to_dict())
    except Exception:
        # A twin of this event may have started it meanwhile, or only the answer was lost.
        if not await _is_active_or_stored(client, upload.id):
            raise


async def _is_active_or_stored(client: DurableClient, instance_id: str) -> bool:
    status = await client.get_status(instance_id)
    # For an instance that does not exist the SDK answers with a status that has nothing in it.
    return status.runtime_status is not None and is_active_or_stored(status.runtime_status.value, status.output)


def _label(container: str, name: str) -> str:
    return str(Upload("", container, name, ""))
