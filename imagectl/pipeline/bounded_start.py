"""Start many orchestrations without flooding the app."""

import argparse
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from image_metadata.instance_status import LIVE
from imagectl.arguments import positive
from imagectl.pipeline.durable_api import DurableApp

MAX_RUNNING = 100

_AT_ONCE = 8
_POLL_SECONDS = 1.0

_ItemT = TypeVar("_ItemT")
_ResultT = TypeVar("_ResultT")


def start_all(
    app: DurableApp, items: Iterable[_ItemT], start: Callable[[_ItemT], _ResultT], max_running: int
) -> Iterator[tuple[_ItemT, _ResultT]]:
    """Call ``start`` for every item while at most ``max_running`` instances of the app are live.

    Yields each item, in order, with what ``start`` returned for it; holds ``max_running`` items at most.
    """
    remaining = iter(items)
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        while batch := list(islice(remaining, _capacity(app, max_running))):
            yield from zip(batch, pool.map(start, batch), strict=True)
    finally:
        pool.shutdown(cancel_futures=True)


def add_max_running(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--max-running",
        type=positive,
        default=MAX_RUNNING,
        metavar="N",
        help="start only while fewer than N orchestrations are live in the app (default: %(default)s)",
    )


def _capacity(app: DurableApp, bound: int) -> int:
    """How many may start now; waits until that is a quarter of the bound, so that the app is not asked before each."""
    while True:
        live = sum(1 for _ in islice(app.instances(LIVE), bound))
        if bound - live >= max(1, bound // 4):
            return bound - live
        time.sleep(_POLL_SECONDS)
