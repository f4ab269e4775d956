"""Compare the tables with a complete listing of the container: which blobs were deleted, and which are there again."""

import heapq
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from image_metadata import settings
from image_metadata.database.connections import Connections
from image_metadata.database.upload_tables import UploadTables
from image_metadata.intake import CONTAINER
from image_metadata.model import Blob
from image_metadata.storage import blobs
from imagectl.pipeline.rows import query
from imagectl.schema import views

_PAGE = 1000
_HEX_DIGITS = 16  # 64 bits of a digest: two of a billion blobs are the same with a probability of 3 %


@dataclass
class ListedBlobs:
    """The blobs of a listing, in at most 16 bytes each.

    Attributes:
        began_at: before the listing, by storage's clock, UTC as ISO 8601 with milliseconds.
    """

    began_at: str
    _pages: "list[array[int]]" = field(default_factory=list)
    _all: "array[int] | None" = None

    def add(self, blob_ids: Iterable[str]) -> None:
        self._pages.append(array("Q", sorted(map(_short, blob_ids))))

    @property
    def size(self) -> int:
        """Bytes that the blobs are held in."""
        pages = [*self._pages, self._all] if self._all else self._pages
        return sum(page.itemsize * len(page) for page in pages)

    def __contains__(self, blob_id: str) -> bool:
        if self._all is None:
            self._all = array("Q", heapq.merge(*self._pages))
            self._pages.clear()
        wanted = _short(blob_id)
        place = bisect_left(self._all, wanted)
        return place < len(self._all) and self._all[place] == wanted


@dataclass(frozen=True, slots=True)
class Changes:
    """How many blobs were observed to be deleted, and how many to be there again."""

    deleted: int
    returned: int


def record_changes(listed: ListedBlobs) -> Changes:
    """Record what a complete listing says about the blobs that the views show, and about those seen deleted.

    Storage is asked about each blob that is not in the listing: it may have been uploaded meanwhile.

    Raises:
        TransientStorageError, TransientDatabaseError: what was recorded until then stays recorded.
    """
    with closing(Connections(settings.sql())) as connections:
        tables = UploadTables(connections)
        # First those that are there again: what is recorded as deleted below is not looked at.
        returned = [blob_id for blob_id in _seen_deleted() if blob_id in listed]
        for blob_id in returned:
            tables.observe(blob_id, listed.began_at, present=True)
        deleted = 0
        for blob in _shown():
            if blob.id in listed:
                continue
            observation = blobs.observe(CONTAINER, blob.name)
            if observation.upload is None:
                tables.observe(blob.id, observation.at, present=False)
                deleted += 1
    return Changes(deleted, len(returned))


def _shown() -> Iterator[Blob]:
    """The blobs that the views show, a page at a time; a blob has a row in one of them."""
    account = settings.image_storage().account
    for view in views.CURRENT:
        last = ""
        statement = (
            f"SELECT blob_id, account, container, file_name FROM {view} "  # noqa: S608  # a name of this project
            "WHERE blob_id > ? ORDER BY blob_id"
        )
        while page := query(statement, [last], limit=_PAGE):
            for _, *identity in page:
                blob = Blob(*identity)
                if (blob.account, blob.container) == (account, CONTAINER):
                    yield blob
            last = page[-1][0]


def _seen_deleted() -> Iterator[str]:
    """The blobs whose newest observation says that they were deleted."""
    last = ""
    statement = (
        "SELECT DISTINCT blob_id FROM BlobObservations AS deleted WHERE present = 0 AND blob_id > ? "
        "AND NOT EXISTS (SELECT 1 FROM BlobObservations AS later WHERE later.blob_id = deleted.blob_id "
        "AND later.present = 1 AND later.observed_at >= deleted.observed_at) ORDER BY blob_id"
    )
    while page := query(statement, [last], limit=_PAGE):
        yield from (blob_id for (blob_id,) in page)
        last = page[-1][0]


def _short(blob_id: str) -> int:
    return int(blob_id[:_HEX_DIGITS], 16)
