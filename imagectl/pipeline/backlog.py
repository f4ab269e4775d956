"""Which uploads without a row wait for their turn, and which were missed.

An upload is not missed while its event may still wait in the queue, or while the app is so far behind that it has not
come to it. Events are taken about in the order of the uploads, so the newest uploads are those that wait. A polling
host lists the container by name, so the order of uploads says nothing there; how long the uploads that were stored
just now had waited says how far it is behind.
"""

import heapq
import statistics
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS
from image_metadata.storage.listing import ListedBlob
from imagectl.pipeline.rows import query

_RECENT = timedelta(minutes=2)
_ROWS = 500
_EXAMPLES = 10
# By name, an upload may come long after one that was uploaded later.
_MARGIN = 2
# A long reextraction stores what was uploaded years ago.
_LONGEST_WAIT = timedelta(days=1)


def current_wait(now: datetime) -> timedelta:
    """The median time from upload to row among the rows of the last two minutes, at most a day; zero without any.

    Raises:
        TransientDatabaseError: the database did not answer.
    """
    seconds: list[float] = []
    for table in (IMAGE_METADATA, IMAGE_REJECTIONS):
        statement = f"SELECT stored_at, uploaded_at FROM {table.name} ORDER BY stored_at DESC, upload_id DESC"  # noqa: S608  # our own names
        for row in query(statement, limit=_ROWS):
            stored_at, uploaded_at = map(_moment, row)
            if stored_at and uploaded_at and stored_at > now - _RECENT:
                seconds.append((stored_at - uploaded_at).total_seconds())
    return min(timedelta(seconds=statistics.median(seconds)), _LONGEST_WAIT) if seconds else timedelta()


@dataclass
class Backlog:
    """Counts uploads that have neither a row nor a live orchestration.

    Attributes:
        now: UTC.
        grace: younger uploads may still be announced.
        wait: how long the app lets an upload wait at present, see `current_wait`.
        events: how many events wait in the queue.
        new: uploads within the grace.
    """

    now: datetime
    grace: timedelta
    wait: timedelta = timedelta()
    events: int = 0
    new: int = 0
    _within_wait: int = 0
    _older: int = 0
    _oldest: list[tuple[float, str]] = field(default_factory=list)

    def add(self, blob: ListedBlob) -> None:
        age = self.now - blob.uploaded_at
        if age < self.grace:
            self.new += 1
        elif age <= self.wait * _MARGIN:
            self._within_wait += 1
        else:
            self._older += 1
            heapq.heappush(self._oldest, (age.total_seconds(), str(blob.upload)))
            if len(self._oldest) > _EXAMPLES:
                heapq.heappop(self._oldest)

    @property
    def queued(self) -> int:
        return self._within_wait + self._older - self.missed

    @property
    def missed(self) -> int:
        # Events of newer uploads wait, too.
        events_of_older = max(0, self.events - self.new - self._within_wait)
        return max(0, self._older - events_of_older)

    @property
    def examples(self) -> list[str]:
        """Names of the missed uploads that are oldest."""
        return [name for _, name in sorted(self._oldest, key=lambda each: (-each[0], each[1]))][: self.missed]


def _moment(value: str | datetime | None) -> datetime | None:
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found and found.replace(tzinfo=UTC)
