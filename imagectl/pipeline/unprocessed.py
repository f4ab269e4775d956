"""The blobs of the container that have no row."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from imagectl.pipeline.deleted_blobs import ListedBlobs
from imagectl.pipeline.inventory import Blob, Images, pages, without_row


@dataclass
class Unprocessed:
    """Blobs without a row, counted while they are listed.

    Attributes:
        blobs: listed so far.
        archived: without a row, in the archive tier, from which nothing can be read.
        readable: without a row, in another tier.
        listed: collects every blob of the listing, when it is given.
    """

    blobs: int = 0
    archived: int = 0
    readable: int = 0
    listed: ListedBlobs | None = None

    def list(self, source: Images, prefix: str = "", known: Collection[str] = ()) -> Iterator[Blob]:
        """Yield the readable ones, page by page; uploads whose ids are in ``known`` are neither yielded nor counted.

        Raises:
            TransientStorageError, TransientDatabaseError: storage or the database did not answer.
        """
        for page in pages(source, prefix):
            self.blobs += len(page)
            if self.listed is not None:
                self.listed.add(blob.upload.blob_id for blob in page)
            for blob in without_row(page):
                if blob.upload.id in known:
                    continue
                self.archived += blob.archived
                self.readable += not blob.archived
                if not blob.archived:
                    yield blob
