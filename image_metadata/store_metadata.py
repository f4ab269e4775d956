"""What StoreMetadata does: one row per upload, however often its outcome is stored and by however many processes."""

import logging
from contextlib import suppress
from dataclasses import asdict

from image_metadata.database.columns import Row, SqlValue, Statement
from image_metadata.database.connections import Connections, StatementFailedError, app_connections
from image_metadata.database.statements import (
    FIND_ROW,
    INSERT_METADATA,
    INSERT_REJECTION,
    insert_parameters,
)
from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS, UPLOAD_TABLES
from image_metadata.errors import TransientDatabaseError
from image_metadata.model import (
    Deleted,
    Directory,
    ImageMetadata,
    Outcome,
    Rejection,
    RejectionReason,
    StoredRow,
    Upload,
)

_LOG = logging.getLogger(__name__)
_REASONS = {reason.value: reason for reason in RejectionReason}


def store(outcome: Outcome, connections: Connections | None = None) -> StoredRow:
    """Write the outcome's row, unless its upload has a row in either table.

    ``connections`` defaults to those that the app settings name, shared by all calls.

    Raises:
        TransientDatabaseError: the row could not be stored; the same call may succeed later.
        SettingError: the connection string is absent or malformed.
        ValueError: the outcome is of an upload that could not be read.
    """
    upload = outcome.upload
    match outcome:
        case Deleted():
            _LOG.info(
                "%s was deleted before it was read: no row for upload %s, instance %s",
                upload,
                upload.id,
                outcome.instance_id,
            )
            return StoredRow(kind="deleted", upload_id=upload.id)
        case Directory():
            _LOG.info("%s is a directory: no row for upload %s, instance %s", upload, upload.id, outcome.instance_id)
            return StoredRow(kind="directory", upload_id=upload.id)
        case ImageMetadata():
            row = StoredRow(kind="metadata", upload_id=upload.id)
            statement, values = INSERT_METADATA, insert_parameters(IMAGE_METADATA, _metadata_row(outcome))
        case Rejection():
            row = StoredRow(kind="rejection", upload_id=upload.id, reason=outcome.reason)
            statement, values = INSERT_REJECTION, insert_parameters(IMAGE_REJECTIONS, _rejection_row(outcome))
        case _:
            raise ValueError(
                f"expected metadata or a rejection of {upload}, found {type(outcome).__name__}: it was not read"
            )
    present = _insert(connections or app_connections(), statement, values, upload)
    done, row = ("already had its row", present) if present else ("stored", row)
    _LOG.info("%s %s: %s of upload %s, instance %s", upload, done, row.kind, upload.id, outcome.instance_id)
    return row


def _insert(connections: Connections, statement: Statement, values: list[SqlValue], upload: Upload) -> StoredRow | None:
    """Insert the row, or return the one that the upload already has."""
    try:
        if connections.run(statement, values) == 1:
            return None
    except StatementFailedError:
        # Another store of this upload was faster, or the commit's answer was lost: a row settles either.
        with suppress(TransientDatabaseError):
            if present := _find(connections, upload):
                return present
        # A connection that is open now may keep failing after the database is repaired: SQLite opens a
        # write-protected file for reading only, and after a failover the old server keeps its sessions.
        connections.close()
        raise
    if present := _find(connections, upload):
        return present
    raise TransientDatabaseError(
        f"expected the row of {upload}, found that it was deleted at this moment; it is retried"
    )


def _find(connections: Connections, upload: Upload) -> StoredRow | None:
    for kind, reason in connections.rows(FIND_ROW, [upload.id] * len(UPLOAD_TABLES)):
        # A newer release, which was rolled back, may have stored a reason that this one does not know.
        return StoredRow(kind=kind, upload_id=upload.id, reason=_REASONS.get(reason))
    return None


def _metadata_row(outcome: ImageMetadata) -> Row:
    return {
        **_upload_row(outcome),
        **asdict(outcome.image),
        "content_type_matches": outcome.content_type_matches,
    }


def _rejection_row(outcome: Rejection) -> Row:
    return {**_upload_row(outcome), "reason": outcome.reason.value, "detail": outcome.detail}


def _upload_row(outcome: ImageMetadata | Rejection) -> dict[str, SqlValue]:
    upload, blob = outcome.upload, outcome.blob
    return {
        "upload_id": upload.id,
        "blob_id": upload.blob_id,
        "account": upload.account,
        "container": upload.container,
        "file_name": upload.name,
        "etag": upload.etag,
        "file_size_kb": blob.file_size_kb,
        "content_type": blob.content_type,
        "content_md5": blob.content_md5,
        "uploaded_at": blob.uploaded_at,
        "read_at": blob.read_at,
        "extractor_version": outcome.extractor_version,
        "blob_metadata": blob.metadata,
        "blob_metadata_omitted": blob.metadata_omitted,
    }
