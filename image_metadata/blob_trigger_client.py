"""What BlobTriggerClient calls: announce the upload behind a blob event."""

import asyncio
import logging
from datetime import timedelta

from image_metadata.intake import CONTAINER, REQUEST_OPTIONS, DurableClient, RetryWindow, announce, retry
from image_metadata.storage.blobs import current_upload
from image_metadata.text import printable

_LOG = logging.getLogger(__name__)
RETRY_WINDOW = RetryWindow(length=timedelta(minutes=1), attempt=timedelta(seconds=15))
"""The host delivers an event that failed five times without a pause, and then gives it up."""


async def announce_blob(
    path: str,
    client: DurableClient,
    invocation_id: str,
    *,
    container: str = CONTAINER,
    retry_window: RetryWindow = RETRY_WINDOW,
) -> None:
    """Announce the current state of a blob; one that was deleted, or is a directory, is logged and left.

    Storage is asked for the state, because the ETag that the trigger delivers is unusable.

    Args:
        path: ``container/name``, decoded, as the trigger names the blob.
        client: the durable client of this invocation.
        invocation_id: of this call of the function, for the log.
        container: the one that images are uploaded to.
        retry_window: how long to try.

    Raises:
        TransientStorageError: storage did not answer.
        SettingError: a setting is absent or malformed.
        Exception: the orchestration could not be started.
    """
    found, _, name = path.partition("/")
    if found != container:
        # With Event Grid as its source the host does not compare the event with the path in function.json.
        _LOG.warning(
            "%s is not in the container %s, so it is not announced; filter the event subscription by subject",
            printable(path),
            container,
        )
        return

    async def attempt() -> None:
        # In a thread: the worker has one event loop for everything that is asynchronous.
        upload = await asyncio.to_thread(current_upload, container, name, **REQUEST_OPTIONS)
        if upload is not None:
            await announce(upload, client)

    await retry(attempt, retry_window, printable(path), invocation_id)
