"""Activities, as orchestrations need them to go right or wrong."""

import threading
import time
from collections import Counter
from typing import Any

_calls: Counter[str] = Counter()
_lock = threading.Lock()


def double(payload: Any) -> Any:
    return payload * 2


def flaky(payload: dict) -> int:
    """Fail the first ``failures`` times for this ``key``; return the number of the attempt that went well."""
    _calls[payload["key"]] += 1
    if _calls[payload["key"]] <= payload["failures"]:
        raise ValueError(f"attempt {_calls[payload['key']]} of {payload['key']}")
    return _calls[payload["key"]]


def slow(payload: float) -> int:
    """Take so many seconds; return how many ran at the same time."""
    with _lock:
        _calls["running"] += 1
        running = _calls["running"]
    time.sleep(payload)
    with _lock:
        _calls["running"] -= 1
    return running


def nothing(payload: Any) -> None:
    _calls[str(payload)] += 1
