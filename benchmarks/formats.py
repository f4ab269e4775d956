"""What ExtractMetadata fetches of a file of each format, and the processor time that it takes."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks.big_files import BIG_FILES, jpeg_file
from benchmarks.errors import BenchmarkError
from benchmarks.storage import Storage
from image_metadata import extract, read_header
from image_metadata.headers.reader import FIRST_READ, HeaderReader
from image_metadata.intake import CONTAINER
from image_metadata.model import ImageMetadata, Upload
from image_metadata.settings import IMAGE_STORAGE
from imagectl.local.azurite import ACCOUNT

SIZE = 10_000_000
"""Bytes of a file, about."""

_CALLS = 200


@dataclass(frozen=True)
class Fetched:
    """Requests for one file, and bytes of the bodies of the answers."""

    format: str
    requests: int
    bytes: int


@dataclass(frozen=True)
class ProcessorTime:
    """Seconds for one image: of the header reader on bytes in memory, and of the whole activity."""

    header: float
    extraction: float


def fetched(storage: Storage) -> Iterator[Fetched]:
    """One file of each format."""
    os.environ[IMAGE_STORAGE] = storage.connection_string
    for name, make in BIG_FILES.items():
        storage.put([(name, make(SIZE))])
        start = storage.log_position()
        _extract(name)
        requests = [each for each in storage.requests(start, storage.log_position()) if each.kind != "listing"]
        yield Fetched(
            name.rpartition(".")[2].upper(), len(requests), sum(request.content_length for request in requests)
        )


def processor_time(storage: Storage, rounds: int) -> ProcessorTime:
    """Of a camera's JPEG of 330 KB with EXIF."""
    os.environ[IMAGE_STORAGE] = storage.connection_string
    data = jpeg_file(330_000)
    storage.put([("photo.jpg", data)])
    pairs = [(_per_call(lambda: _read(data)), _per_call(lambda: _extract("photo.jpg"))) for _ in range(rounds)]
    return ProcessorTime(median(header for header, _ in pairs), median(extraction for _, extraction in pairs))


def _extract(name: str) -> None:
    outcome = extract(Upload(ACCOUNT, CONTAINER, name, "announced"))
    if not isinstance(outcome, ImageMetadata):
        raise BenchmarkError(f"expected metadata of {name}, found {outcome}")


def _read(data: bytes) -> object:
    """As in the activity: the first bytes are there, and more are fetched when the format needs them."""
    return read_header(
        HeaderReader(lambda offset, length: data[offset : offset + length], len(data), data[:FIRST_READ]), "a.jpg"
    )


def _per_call(call: Callable[[], object]) -> float:
    started = time.process_time()
    for _ in range(_CALLS):
        call()
    return (time.process_time() - started) / _CALLS
