"""When the app last compared the container with the tables by itself."""

from dataclasses import dataclass
from datetime import datetime

from imagectl.pipeline.rows import query


@dataclass(frozen=True, slots=True)
class LastReconciliation:
    """The newest run of ReconcileTimer; times are in UTC without a zone."""

    ended_at: datetime
    started: int
    errors: int


def last_reconciliation() -> LastReconciliation | None:
    """None when there was none yet; raises TransientDatabaseError."""
    rows = query("SELECT ended_at, started, errors FROM Reconciliations ORDER BY ended_at DESC", limit=1)
    if not rows:
        return None
    ended_at, started, errors = rows[0]
    moment = ended_at if isinstance(ended_at, datetime) else datetime.fromisoformat(ended_at)
    return LastReconciliation(moment, started, errors)


def newest_stored_at() -> datetime | None:
    """When the newest row of either table was stored; raises TransientDatabaseError."""
    found: list[datetime] = []
    for table in ("ImageMetadata", "ImageRejections"):
        for (value,) in query(f"SELECT stored_at FROM {table} ORDER BY stored_at DESC", limit=1):  # noqa: S608  # our own names
            found.append(value if isinstance(value, datetime) else datetime.fromisoformat(value))
    return max(found, default=None)
