"""What BlobTriggerClient calls: announce the upload behind a blob event."""

import asyncio
import logging
from datetime import timedelta

from image_metadata.intake import DurableClient, announce, retry
from image_metadata.storage.blobs import current_upload
from image_metadata.text import printable

_LOG = logging.getLogger(__name__)
RETRY_WINDOW = timedelta(minutes=1)
"""The host delivers an event that failed five times without a pause, and then gives it up."""


async def announce_blob(
    path: str, client: DurableClient, invocation_id: str = "", retry_window: timedelta = RETRY_WINDOW
) -> None:
    """Announce the current state of a blob; one that has been deleted since its event is logged.

    Storage is asked for the state, because the ETag that the trigger delivers is unusable.

    Args:
        path: ``container/name``, decoded, as the trigger names the blob.
        client: the durable client of this invocation.
        invocation_id: of this call of the function, for the log.
        retry_window: time from the first attempt to the start of the last one.

    Raises:
        TransientStorageError: storage did not answer.
        SettingError: a setting is absent or malformed.
        Exception: the orchestration could not be started.
    """
    container, _, name = path.partition("/")

    async def attempt() -> None:
        # In a thread: the worker has one event loop for everything that is asynchronous.
        upload = await asyncio.to_thread(current_upload, container, name)
        if upload is None:
            _LOG.info("%s was deleted before it was announced", printable(path))
        else:
            await announce(upload, client)

    await retry(attempt, retry_window, printable(path), invocation_id)
