"""Purges the history of completed orchestrations, so that it does not grow forever."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from image_metadata import settings

_LOG = logging.getLogger(__name__)
_SPAN = timedelta(days=2)
_WINDOW = timedelta(hours=6)
_SHORTEST_WINDOW = timedelta(minutes=1)

Purge = Callable[[datetime, datetime], Awaitable[int]]
"""Deletes the history of orchestrations that completed and were created between two times; returns how many."""


async def purge_history(
    purge: Purge,
    now: datetime | None = None,
    *,
    request: timedelta = timedelta(minutes=1),
    duration: timedelta = timedelta(minutes=3),
) -> int:
    """Purge what was created in the two days before the age that the setting ``KeepHistoryDays`` names.

    One request covers six hours; one that takes too long is canceled and halved. Two days, so that a night without a
    run leaves nothing behind; an older backlog is for ``imagectl purge``.

    Args:
        purge: the durable API's side.
        now: the present time; the clock's by default.
        request: longest time of one request.
        duration: no request begins later.

    Returns:
        How many orchestrations' history was deleted.

    Raises:
        SettingError: the setting is malformed.
    """
    keep = settings.keep_history()
    if keep is None:
        return 0
    end = ((now or datetime.now(UTC)) - keep).replace(minute=0, second=0, microsecond=0)
    deadline = time.monotonic() + duration.total_seconds()
    windows = [(end - _WINDOW * (place + 1), end - _WINDOW * place) for place in range(_SPAN // _WINDOW)]
    purged = 0
    while windows and time.monotonic() < deadline:
        first, last = windows.pop()
        try:
            async with asyncio.timeout(request.total_seconds()):
                purged += await purge(first, last)
        except TimeoutError:
            middle = first + (last - first) / 2
            if middle - first >= _SHORTEST_WINDOW:
                windows += [(middle, last), (first, middle)]
    _LOG.info("History of %d completed orchestrations purged, created before %s", purged, f"{end:%Y-%m-%d %H:%M}")
    return purged
