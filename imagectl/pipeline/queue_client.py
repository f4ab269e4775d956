"""The queues in the storage account of the images."""

from typing import Any

from azure.storage.queue import LinearRetry, QueueServiceClient

from image_metadata import settings
from image_metadata.errors import SettingError
from image_metadata.storage import blobs
from imagectl.pipeline.storage_client import RETRIES


def queue_service() -> QueueServiceClient:
    """A client of the queues in that account, which gives up after three seconds where nothing listens.

    Raises:
        SettingError: ImageStorage is absent or malformed.
    """
    found = settings.image_storage()
    options: dict[str, Any] = {"retry_policy": LinearRetry(**RETRIES), "connection_timeout": 10, "read_timeout": 30}
    if found.connection_string is not None:
        try:
            return QueueServiceClient.from_connection_string(found.connection_string, **options)
        except ValueError:
            # The SDK's own text may quote the connection string.
            raise SettingError(
                f"expected {settings.IMAGE_STORAGE} to be a connection string for queues too, found one without "
                "AccountName or QueueEndpoint, or without a key or signature; copy it from the storage account's "
                "access keys"
            ) from None
    return QueueServiceClient(str(found.queue_url), credential=blobs.credential(found), **options)
