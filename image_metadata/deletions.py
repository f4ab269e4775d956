"""Records that a blob was seen to be deleted, so that views can hide its rows."""

import logging
from typing import Any

from image_metadata.database.connections import app_connections
from image_metadata.database.upload_tables import UploadTables
from image_metadata.model import Blob
from image_metadata.storage.blobs import observe

_LOG = logging.getLogger(__name__)


def record_deletion(blob: Blob, tables: UploadTables | None = None, **options: Any) -> None:
    """Insert an observation if the blob does not exist.

    Storage is asked, because events come in any order, and the blob may have been uploaded again or restored.

    Args:
        blob: of which an event says that it was deleted.
        tables: those that the settings name by default.
        options: of the storage SDK, for the request.

    Raises:
        TransientStorageError, TransientDatabaseError: one of the two did not answer.
        SettingError: a setting is absent or malformed.
    """
    observation = observe(blob.container, blob.name, **options)
    if observation.upload is not None:
        _LOG.info("%s exists, so its deletion is not recorded", blob)
        return
    (tables or UploadTables(app_connections())).observe(blob.id, observation.at, present=False)
    _LOG.info("%s was deleted, which is recorded", blob)
