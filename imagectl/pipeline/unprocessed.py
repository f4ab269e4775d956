"""The blobs of the container that have no row."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from image_metadata.storage.listing import ListedBlob
from imagectl.pipeline.deleted_blobs import ListedBlobs
from imagectl.pipeline.inventory import Images, pages, without_row


@dataclass
class Unprocessed:
    """Blobs without a row, counted while they are listed.

    Attributes:
        blobs: listed so far.
        inaccessible: without a row; archived, being rehydrated, or encrypted with a customer-provided key.
        readable: without a row, the others.
        listed: collects every blob of the listing, when it is given.
    """

    blobs: int = 0
    inaccessible: int = 0
    readable: int = 0
    listed: ListedBlobs | None = None

    def list(self, source: Images, prefix: str = "", known: Collection[str] = ()) -> Iterator[ListedBlob]:
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
                self.inaccessible += not blob.is_accessible
                self.readable += blob.is_accessible
                if blob.is_accessible:
                    yield blob
