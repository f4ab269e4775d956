"""The record of one run of reconciliation, as it is stored."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What one run of reconciliation did.

    Attributes:
        began_at: UTC as ISO 8601 with milliseconds.
        ended_at: the same.
        continuation: where the next run goes on with the listing; None at its beginning.
        complete: whether this run reached the end of the listing.
        blobs: how many blobs it compared with the tables.
        started: how many unprocessed uploads it started.
        changed: how many of those are a newer state of a blob that has a row.
        errors: how many uploads it could not start.
    """

    began_at: str
    ended_at: str
    continuation: str | None = None
    complete: bool = False
    blobs: int = 0
    started: int = 0
    changed: int = 0
    errors: int = 0
