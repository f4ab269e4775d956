"""Time per image over the network of this machine, both ways in turns of ten.

The first two calls of a turn are not timed, for either way: they pay for what the other one leaves behind, up to
1 GB to clear away in this process and in Azurite.
"""

import math
import time
from collections.abc import Callable, Iterator
from statistics import median

from benchmarks.big_files import jpeg_file, tiff_file
from benchmarks.product import extracted
from benchmarks.results import Result, duration
from benchmarks.storage import CONTAINER, Store
from benchmarks.usual_way import usual_way

_MEGABYTE = 1_000_000
_TURN = 10
_NOT_TIMED = 2


def measure(store: Store, rounds: int) -> Iterator[Result]:
    """10 MB JPEG and 100 MB TIFF."""
    store.put("speed.jpg", jpeg_file(10 * _MEGABYTE))
    yield _of_file(store, "10 MB JPEG: time per image", "speed.jpg", rounds, target=0.2)
    store.put("speed.tif", tiff_file(100 * _MEGABYTE))
    yield _of_file(store, "100 MB TIFF: time per image", "speed.tif", rounds, target=0.02)


def _of_file(store: Store, what: str, name: str, rounds: int, *, target: float) -> Result:
    usual_times: list[float] = []
    our_times: list[float] = []
    for _ in range(math.ceil(rounds / (_TURN - _NOT_TIMED))):
        usual_times += _turn(lambda: usual_way(store.connection_string, CONTAINER, name))
        our_times += _turn(lambda: extracted(name))
    usual, ours = median(usual_times), median(our_times)
    return Result(
        what=what,
        usual=duration(usual),
        ours=duration(ours),
        ratio=ours / usual,
        target=f"≤ {target:g} of it",
        reached=ours / usual <= target,
    )


def _turn(call: Callable[[], object]) -> list[float]:
    """Seconds that each of the timed calls took."""
    return [_timed(call) for _ in range(_TURN)][_NOT_TIMED:]


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
