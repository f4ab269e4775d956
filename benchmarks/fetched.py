"""Bytes and requests per image, by format, over blobs from 100 KB to 100 MB."""

from collections.abc import Callable, Iterator, Sequence
from statistics import median

from PIL import UnidentifiedImageError

from benchmarks.big_files import BIG_FILES
from benchmarks.product import extracted
from benchmarks.results import Result, amount
from benchmarks.storage import CONTAINER, Store, Traffic, counted
from benchmarks.usual_way import usual_way

MOST_BYTES = 64 * 1024
MOST_REQUESTS = 2


def measure(store: Store, sizes: Sequence[int]) -> Iterator[Result]:
    """One line for each format."""
    for name, make in BIG_FILES.items():
        yield _of_format(store, name, make, sizes)


def _of_format(store: Store, name: str, make: Callable[[int], bytes], sizes: Sequence[int]) -> Result:
    pairs = [_of_file(store, name, make(size)) for size in sizes]
    usual = median(usual.bytes for usual, _ in pairs)
    ours = median(ours.bytes for _, ours in pairs)
    requests = median(ours.requests for _, ours in pairs)
    return Result(
        what=f"{name.rpartition('.')[2]}: bytes fetched, median",
        usual=amount(usual),
        ours=f"{amount(ours)} in {requests:g} request{'s' if requests != 1 else ''}",
        ratio=ours / usual,
        target=f"≤ {amount(MOST_BYTES)}, ≤ {MOST_REQUESTS} requests",
        reached=ours <= MOST_BYTES and requests <= MOST_REQUESTS,
    )


def _of_file(store: Store, name: str, data: bytes) -> tuple[Traffic, Traffic]:
    store.put(name, data)
    with counted() as usual:
        expected = _usual_answer(store, name)
    with counted() as ours:
        image = extracted(name)
    found = (image.width, image.height)
    if expected not in (None, found):
        raise ValueError(f"expected {name} to be {expected}, found {found}; the readers disagree")
    return usual, ours


def _usual_answer(store: Store, name: str) -> tuple[int, int] | None:
    """None where Pillow cannot open the file after all that was fetched: HEIC."""
    try:
        return usual_way(store.connection_string, CONTAINER, name)[:2]
    except UnidentifiedImageError:
        return None
