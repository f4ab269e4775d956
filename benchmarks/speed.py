"""Time per image over the network of this machine, both ways in turns of five.

Single turns would measure the way that comes second on what the first leaves behind: 100 MB to clear away,
in this process and in Azurite.
"""

import time
from collections.abc import Callable, Iterator
from statistics import median

from benchmarks.big_files import jpeg_file, tiff_file
from benchmarks.product import extracted
from benchmarks.results import Result, duration
from benchmarks.storage import CONTAINER, Store
from benchmarks.usual_way import usual_way

_MEGABYTE = 1_000_000
_TURN = 5


def measure(store: Store, rounds: int) -> Iterator[Result]:
    """10 MB JPEG and 100 MB TIFF."""
    store.put("speed.jpg", jpeg_file(10 * _MEGABYTE))
    yield _of_file(store, "10 MB JPEG: time per image", "speed.jpg", rounds, target=0.2)
    store.put("speed.tif", tiff_file(100 * _MEGABYTE))
    yield _of_file(store, "100 MB TIFF: time per image", "speed.tif", rounds, target=0.02)


def _of_file(store: Store, what: str, name: str, rounds: int, *, target: float) -> Result:
    extracted(name)  # the product keeps its client and connection between images; the first one is not measured
    times: dict[str, list[float]] = {"usual": [], "ours": []}
    for _ in range(max(1, rounds // _TURN)):
        times["usual"] += [_timed(lambda: usual_way(store.connection_string, CONTAINER, name)) for _ in range(_TURN)]
        times["ours"] += [_timed(lambda: extracted(name)) for _ in range(_TURN)]
    usual, ours = median(times["usual"]), median(times["ours"])
    return Result(
        what=what,
        usual=duration(usual),
        ours=duration(ours),
        ratio=ours / usual,
        target=f"≤ {target:g} of it",
        reached=ours / usual <= target,
    )


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
