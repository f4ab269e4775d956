"""The rejections, one by one and by reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from image_metadata.database.tables import IMAGE_REJECTIONS
from imagectl.pipeline.row_pages import Order, pages
from imagectl.pipeline.rows import column_names, open_cursor, query


@dataclass(frozen=True, slots=True)
class RejectionGroup:
    """Rejections with one reason.

    Attributes:
        since: when the first was stored.
        example: name of the blob that was rejected last.
    """

    reason: str
    count: int
    since: datetime | str
    example: str


def rejection_groups() -> list[RejectionGroup]:
    """Of the newest state of each blob; raises TransientDatabaseError."""
    groups = query(
        "SELECT reason, COUNT(*), MIN(stored_at) FROM CurrentRejections GROUP BY reason ORDER BY COUNT(*) DESC, reason"
    )
    return [RejectionGroup(reason, count, since, _example(reason)) for reason, count, since in groups]


def newest_rejections(limit: int | None) -> Iterator[dict[str, Any]]:
    """The rows of the view, the newest first; raises TransientDatabaseError."""
    columns = column_names(IMAGE_REJECTIONS)
    with open_cursor() as opened:
        found = pages(opened, "CurrentRejections", columns, [], Order("stored_at", descending=True))
        yield from islice((row for page in found for row in page), limit)


def _example(reason: str) -> str:
    statement = "SELECT file_name FROM CurrentRejections WHERE reason = ? ORDER BY stored_at DESC"
    [(name,)] = query(statement, [reason], limit=1)
    return str(name)
