"""The queue of events that QueueTriggerClient takes."""

from contextlib import suppress

from azure.core.exceptions import ResourceNotFoundError

from image_metadata.intake import EVENT_QUEUE
from imagectl.pipeline.inventory import transient_storage_error
from imagectl.pipeline.queue_client import queue_service


def waiting_events() -> int:
    """About how many events wait; 0 without such a queue.

    Raises:
        TransientStorageError: storage did not answer.
        SettingError: ImageStorage is absent or malformed.
    """
    with transient_storage_error("the queue of events"), suppress(ResourceNotFoundError):
        return queue_service().get_queue_client(EVENT_QUEUE).get_queue_properties().approximate_message_count or 0
    return 0
