"""Which uploads are to be read again: those whose stored row is older than asked for, and whose blob is unchanged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS
from image_metadata.intake import CONTAINER
from image_metadata.model import Upload
from image_metadata.storage.listing import list_page
from imagectl.pipeline.deletion import delete_uploads
from imagectl.pipeline.rows import LOOK_UP, query

_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows are selected; every condition that is given must hold.

    Attributes:
        older_than: rows of an extractor version below this one, rows without a version included.
        image_format: rows of ImageMetadata with this format.
        reason: rows of ImageRejections with this reason.
        prefix: blobs whose names begin with it.
    """

    older_than: int | None = None
    image_format: str | None = None
    reason: str | None = None
    prefix: str = ""


@dataclass
class Reextraction:
    """The selected uploads, counted while the container is listed.

    Attributes:
        blobs: listed so far.
        inaccessible: selected, and left as they are: their blobs cannot be read now.
    """

    selection: Selection
    blobs: int = 0
    inaccessible: int = field(default=0)

    def uploads(self) -> Iterator[Upload]:
        """Yield the selected uploads whose blobs have that state now and can be read.

        Raises:
            TransientStorageError, TransientDatabaseError: storage or the database did not answer.
        """
        continuation: str | None = None
        while True:
            page = list_page(CONTAINER, continuation, self.selection.prefix)
            self.blobs += len(page.blobs)
            selected = _selected(self.selection, [blob.upload.id for blob in page.blobs])
            for blob in page.blobs:
                if blob.upload.id in selected:
                    if blob.is_accessible:
                        yield blob.upload
                    else:
                        self.inaccessible += 1
            continuation = page.continuation
            if continuation is None:
                return

    def cleared(self) -> Iterator[Upload]:
        """Delete the rows of the uploads, a batch at a time, and yield these.

        The row goes first: with the row in place the app would store nothing. What a kill leaves between the two is
        an unprocessed upload, which reconciliation starts.
        """
        batch: list[Upload] = []
        for upload in self.uploads():
            batch.append(upload)
            if len(batch) == _AT_ONCE:
                yield from _cleared(batch)
                batch = []
        yield from _cleared(batch)


def _cleared(batch: Sequence[Upload]) -> Sequence[Upload]:
    delete_uploads([upload.id for upload in batch])
    return batch


def _selected(selection: Selection, upload_ids: Sequence[str]) -> set[str]:
    return {
        upload_id
        for start in range(0, len(upload_ids), LOOK_UP)
        for upload_id in _look_up(selection, upload_ids[start : start + LOOK_UP])
    }


def _look_up(selection: Selection, upload_ids: Sequence[str]) -> list[str]:
    found: list[str] = []
    for table, column, value, other in (
        (IMAGE_METADATA, "format", selection.image_format, selection.reason),
        (IMAGE_REJECTIONS, "reason", selection.reason, selection.image_format),
    ):
        if other is not None:
            continue
        conditions = [f"upload_id IN ({','.join('?' * len(upload_ids))})"]
        parameters: list[str | int] = [*upload_ids]
        if selection.older_than is not None:
            conditions.append("(extractor_version IS NULL OR extractor_version < ?)")
            parameters.append(selection.older_than)
        if value is not None:
            conditions.append(f"{column} = ?")
            parameters.append(value)
        statement = f"SELECT upload_id FROM {table.name} WHERE {' AND '.join(conditions)}"  # noqa: S608  # names of this project
        found += [upload_id for (upload_id,) in query(statement, parameters)]
    return found
