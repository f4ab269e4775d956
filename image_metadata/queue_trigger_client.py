"""What QueueTriggerClient calls: announce the upload that an Event Grid event names, without asking storage."""

import asyncio
import logging
from datetime import timedelta

from image_metadata import settings
from image_metadata.errors import EventError
from image_metadata.event_grid import BlobEvent, EventType, read_event
from image_metadata.intake import CONTAINER, REQUEST_OPTIONS, DurableClient, RetryWindow, announce, retry
from image_metadata.model import Blob, Upload
from image_metadata.storage.blobs import current_upload
from image_metadata.text import printable

RETRY_WINDOW = RetryWindow(length=timedelta(seconds=5), attempt=timedelta(seconds=10))
"""Short, because the queue delivers the message again."""

MAX_DEQUEUE_COUNT = 20
"""``maxDequeueCount`` in host.json: the attempt after which the host moves a message to the poison queue."""

_LOG = logging.getLogger(__name__)


async def announce_event(
    message: str,
    dequeue_count: int,
    client: DurableClient,
    invocation_id: str,
    retry_window: RetryWindow = RETRY_WINDOW,
) -> None:
    """Announce the upload of a queue message; what is not an upload to the container is logged and left.

    On the message's last attempt a failure is one error line that begins ``Upload not announced:``.

    Args:
        message: one Event Grid event.
        dequeue_count: how often the message was delivered, this time included.
        client: the durable client of this invocation.
        invocation_id: of this call of the function, for the log.
        retry_window: how long to try.

    Raises:
        TransientStorageError: an event of a deletion or without an ETag, and storage did not answer.
        TransientDatabaseError: an event of a deletion, and the database did not answer.
        SettingError: a setting is absent or malformed.
        Exception: the orchestration could not be started.
    """
    try:
        event = read_event(message)
    except EventError as error:
        _LOG.warning("Message ignored: %s", error)
        return
    label = printable(f"{event.container}/{event.name}")

    async def attempt() -> None:
        await _announce(event, label, client, redelivered=dequeue_count > 1)

    try:
        await retry(attempt, retry_window, label, invocation_id)
    except Exception as error:
        if dequeue_count < MAX_DEQUEUE_COUNT:
            raise
        cause = printable(f"{type(error).__name__}: {error}")
        if event.type is EventType.DELETED:
            # A hint only: a complete comparison of container and tables finds it, too.
            _LOG.warning("Deletion not recorded: %s: %s", label, cause)
            return
        deliveries = f"after {dequeue_count} deliveries, invocation {invocation_id}"
        _LOG.error("Upload not announced: %s, %s: %s", label, deliveries, cause)  # the host logs what is raised
        raise


async def _announce(event: BlobEvent, label: str, client: DurableClient, *, redelivered: bool) -> None:
    account = settings.image_storage().account
    if event.account != account.lower() or event.container != CONTAINER:
        _LOG.warning(
            "Message ignored: expected an event of %s/%s, found %s/%s; check the event subscription",
            account,
            CONTAINER,
            printable(event.account),
            label,
        )
    elif event.type is EventType.DELETED:
        # Imported here: a cold start is for an image, and this is for none.
        from image_metadata.deletions import record_deletion  # noqa: PLC0415  # see above

        await asyncio.to_thread(record_deletion, Blob(account, CONTAINER, event.name), **REQUEST_OPTIONS)
    elif event.type is EventType.RENAMED:
        _LOG.info("%s was renamed; reconciliation announces it under its new name", label)
    elif not event.has_content:
        _LOG.info("%s is being written; a later event announces it", label)
    else:
        upload = await _upload(event, account)
        if upload is not None:
            await announce(upload, client, ask_first=redelivered)


async def _upload(event: BlobEvent, account: str) -> Upload | None:
    if event.etag:
        return Upload(account, event.container, event.name, event.etag)
    # In a thread: the worker has one event loop for everything that is asynchronous.
    return await asyncio.to_thread(current_upload, event.container, event.name, **REQUEST_OPTIONS)
