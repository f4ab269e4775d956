"""Rows that the views no longer show: of overwritten states, and of blobs that were seen deleted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from image_metadata.database.columns import Table
from image_metadata.model import Upload
from image_metadata.timestamps import utc_text
from imagectl.pipeline.rows import query
from imagectl.schema import views

_PAGE = 500


@dataclass(frozen=True, slots=True)
class PastState:
    """A row that no view shows.

    Attributes:
        is_superseded: a newer state of the blob has a row; else the blob was seen deleted.
    """

    upload_id: str
    upload: Upload
    is_superseded: bool


def past_states(stored_before: datetime) -> Iterator[PastState]:
    """Those stored before a time; the rows that were yielded may be deleted meanwhile.

    Raises:
        TransientDatabaseError: the database did not answer.
    """
    moment = utc_text(stored_before)
    for view, table in views.CURRENT.items():
        statement = _statement(view, table)
        last = ""
        while page := query(statement, [moment, last], limit=_PAGE):
            for upload_id, is_superseded, *identity in page:
                upload = Upload(*(part or "" for part in identity))
                yield PastState(upload_id, upload, bool(is_superseded))
            last = page[-1][0]


def _statement(view: str, table: Table) -> str:
    return (
        f"SELECT shown.upload_id, CASE WHEN {views.superseded()} THEN 1 ELSE 0 END, "  # noqa: S608  # names of this project
        f"shown.account, shown.container, shown.file_name, shown.etag FROM {table.name} AS shown "
        f"WHERE shown.stored_at < ? AND shown.upload_id > ? "
        f"AND NOT EXISTS (SELECT 1 FROM {view} AS kept WHERE kept.upload_id = shown.upload_id) ORDER BY shown.upload_id"
    )
