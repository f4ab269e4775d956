"""Everything that the pipeline keeps about a blob, found and erased."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from image_metadata import settings
from image_metadata.database.tables import UPLOAD_TABLES
from image_metadata.intake import CONTAINER
from image_metadata.model import Blob
from image_metadata.storage import blobs
from image_metadata.storage.listing import list_page
from imagectl.pipeline.deletion import delete_observations, delete_uploads
from imagectl.pipeline.durable_api import DurableApp
from imagectl.pipeline.inventory import images, transient_storage_error
from imagectl.pipeline.poison_queue import PoisonMessages, poison_queues
from imagectl.pipeline.rows import query

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Names:
    """The names that are meant: one, or all with a prefix."""

    text: str
    is_prefix: bool

    def __contains__(self, name: str) -> bool:
        return name.startswith(self.text) if self.is_prefix else name == self.text


@dataclass
class Traces:
    """What there is of the blobs that are meant.

    Attributes:
        upload_ids: keys of their rows and rejections.
        blob_ids: of the blobs that have rows, and of the one that is named.
        names: of the blobs that have rows.
        existing: names of those that exist in the container.
    """

    upload_ids: list[str] = field(default_factory=list)
    blob_ids: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    existing: list[str] = field(default_factory=list)


@dataclass
class Erased:
    """How many of each were erased; ``rows`` are those of both tables, with their keys."""

    blobs: int = 0
    messages: int = 0
    histories: int = 0
    rows: int = 0
    observations: int = 0


def find(names: Names) -> Traces:
    """Look for rows of any state, and for blobs.

    Raises:
        TransientStorageError, TransientDatabaseError: storage or the database did not answer.
    """
    account = settings.image_storage().account
    traces = Traces(existing=list(_existing(names)))
    if not names.is_prefix:
        traces.blob_ids.add(Blob(account, CONTAINER, names.text).id)
    for upload_id, blob_id, name in _rows(names, account):
        traces.upload_ids.append(upload_id)
        traces.names.add(name)
        traces.blob_ids.add(blob_id or Blob(account, CONTAINER, name).id)
    return traces


def erase(app: DurableApp, names: Names, traces: Traces) -> Erased:
    """Erase it; what was interrupted is completed by the same call, since the rows, which name the rest, go last.

    Raises:
        TransientStorageError, TransientDatabaseError, DurableApiError: one of them did not answer.
    """
    erased = Erased()
    container = images().container
    for name in traces.existing:
        with transient_storage_error("the storage that ImageStorage names"):
            container.delete_blob(name, delete_snapshots="include")
        erased.blobs += 1
    with PoisonMessages(poison_queues()) as messages:
        for message in messages:
            if message.name in names:
                messages.delete(message)
                erased.messages += 1
    erased.histories = sum(app.purge_instance(upload_id) for upload_id in traces.upload_ids)
    erased.rows = delete_uploads(traces.upload_ids)
    erased.observations = delete_observations(sorted(traces.blob_ids))
    return erased


def _existing(names: Names) -> Iterator[str]:
    if not names.is_prefix:
        if blobs.current_upload(CONTAINER, names.text) is not None:
            yield names.text
        return
    continuation: str | None = None
    while True:
        page = list_page(CONTAINER, continuation, names.text)
        yield from (blob.upload.name for blob in page.blobs)
        continuation = page.continuation
        if continuation is None:
            return


def _rows(names: Names, account: str) -> Iterator[tuple[str, str | None, str]]:
    """Upload id, blob id and name of the rows; names are compared here, since a database may ignore their case."""
    for table in UPLOAD_TABLES:
        last = ""
        statement = (
            f"SELECT upload_id, blob_id, file_name FROM {table.name} "  # noqa: S608  # a name of this project
            "WHERE account = ? AND container = ? AND upload_id > ? ORDER BY upload_id"
        )
        while page := query(statement, [account, CONTAINER, last], limit=_PAGE):
            yield from (row for row in page if row[2] in names)
            last = page[-1][0]
