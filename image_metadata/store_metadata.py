"""Store what extraction found: exactly one row per upload, however often and from however many places it comes."""

import logging
from dataclasses import asdict
from functools import cache

from image_metadata import settings
from image_metadata.database.connections import Connections, StatementFailedError
from image_metadata.database.tables import (
    FIND_KEY,
    IMAGE_METADATA,
    IMAGE_REJECTIONS,
    INSERT_METADATA,
    INSERT_REJECTION,
    Row,
    SqlValue,
    Statement,
)
from image_metadata.errors import TransientDatabaseError
from image_metadata.model import BlobFacts, Deleted, Directory, ImageMetadata, Outcome, Rejection, StoredRow, Upload

_LOG = logging.getLogger(__name__)


def store(outcome: Outcome, connections: Connections | None = None) -> StoredRow:
    """Write the outcome's row, unless its upload has a row in either table.

    ``connections`` defaults to those that the app settings name, shared by all calls.

    Raises:
        TransientDatabaseError: no row is stored, as far as the database says; the same call may succeed later.
        SettingError: the connection string is absent or malformed.
        ValueError: nothing can be stored for an upload that could not be read.
    """
    upload = outcome.upload
    match outcome:
        case Deleted():
            _LOG.info("%s is gone: no row for upload %s, instance %s", upload, upload.id, outcome.instance_id)
            return StoredRow(kind="deleted", upload_id=upload.id)
        case Directory():
            _LOG.info("%s is a directory: no row for upload %s, instance %s", upload, upload.id, outcome.instance_id)
            return StoredRow(kind="directory", upload_id=upload.id)
        case ImageMetadata():
            row = StoredRow(kind="metadata", upload_id=upload.id)
            statement, values = INSERT_METADATA, IMAGE_METADATA.parameters(_metadata_row(outcome))
        case Rejection():
            row = StoredRow(kind="rejection", upload_id=upload.id, reason=outcome.reason)
            statement, values = INSERT_REJECTION, IMAGE_REJECTIONS.parameters(_rejection_row(outcome))
        case _:
            raise ValueError(f"expected what was found in {upload}, found {type(outcome).__name__}: it was not read")
    inserted = _insert(connections or _connections(), statement, values, upload.id)
    done = "stored" if inserted else "had its row"
    _LOG.info("%s %s: %s of upload %s, instance %s", upload, done, row.kind, upload.id, outcome.instance_id)
    return row


@cache
def _connections() -> Connections:
    return Connections(settings.sql())


def _insert(connections: Connections, statement: Statement, values: list[SqlValue], upload_id: str) -> bool:
    """Whether this call inserted the row; False when it was there."""
    try:
        return connections.run(statement, values) == 1
    except StatementFailedError:
        # The other of two inserts at the same moment gets a duplicate key, which SQLite does not tell apart.
        if _is_stored(connections, upload_id):
            return False
        # What is open now may stay refused after the database was mended: SQLite opens a write-protected
        # file for reading only, and after a failover the old server keeps its sessions.
        connections.close()
        raise


def _is_stored(connections: Connections, upload_id: str) -> bool:
    try:
        return connections.run(FIND_KEY, (upload_id, upload_id)) > 0
    except TransientDatabaseError:
        return False


def _metadata_row(found: ImageMetadata) -> Row:
    return {
        **_upload_row(found.upload, found.blob),
        **asdict(found.image),
        "blob_id": found.upload.blob_id,
        "content_type_matches": found.content_type_matches,
    }


def _rejection_row(found: Rejection) -> Row:
    return {**_upload_row(found.upload, found.blob), "reason": found.reason.value, "detail": found.detail}


def _upload_row(upload: Upload, blob: BlobFacts) -> Row:
    return {
        "upload_id": upload.id,
        "account": upload.account,
        "container": upload.container,
        "file_name": upload.name,
        "etag": upload.etag,
        "file_size_kb": blob.file_size_kb,
        "content_type": blob.content_type,
        "content_md5": blob.content_md5,
        "uploaded_at": blob.uploaded_at,
    }
