"""One image at a time on an idle stack: from the upload to the row, stage by stage."""

import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.big_files import jpeg_file
from benchmarks.end_to_end import create_database
from benchmarks.host_process import Invocation, running_host
from benchmarks.storage import Storage
from benchmarks.ways import Way

_SIZE = 330_000
_TIMEOUT_SECONDS = 60
_SETTLE_SECONDS = 0.3
_LONGEST_PAUSE = 1.0

STAGES = ("wait for the trigger", "client", "to extract", "extract", "to store", "store")


@dataclass(frozen=True)
class Latency:
    """Medians over the images, in seconds.

    Attributes:
        stages: by the names of `STAGES`.
        trigger_to_row: from the client's start to the end of the store.
        upload_to_row: from the end of the upload to the end of the store.
    """

    stages: Mapping[str, float]
    trigger_to_row: float
    upload_to_row: float


def measure(way: Way, storage: Storage, images: int) -> Latency:
    """The first image warms the host up and is not counted."""
    storage.empty()
    data, pauses = jpeg_file(_SIZE), random.Random(1)  # noqa: S311  # repeatable, not secret
    uploads = []
    with tempfile.TemporaryDirectory() as folder:
        database = create_database(way, Path(folder))
        with running_host(way, storage.connection_string, database, Path(folder) / "host.log") as host:
            for number in range(images + 1):
                # Without a random pause every upload would come at the same moment of the polling interval.
                time.sleep(_SETTLE_SECONDS + pauses.uniform(0, _LONGEST_PAUSE))
                storage.put([(f"{number:04}.jpg", data)], announce=way.takes_events)
                uploads.append(time.time())
                host.wait_until_stored(number + 1, _TIMEOUT_SECONDS)
            invocations = host.invocations()
    return _medians(uploads[1:], [_stages(invocations, number) for number in range(1, images + 1)])


def _stages(invocations: Sequence[Invocation], number: int) -> tuple[float, ...]:
    """Start and end of the three calls for the image with this number, one after the other."""
    names = ("BlobTriggerClient", "QueueTriggerClient"), ("ExtractMetadata",), ("StoreMetadata",)
    calls = [[call for call in invocations if call.function in functions][number] for functions in names]
    return tuple(moment for call in calls for moment in (call.start, call.end))


def _medians(uploads: Sequence[float], images: Sequence[tuple[float, ...]]) -> Latency:
    moments = [(upload, *image) for upload, image in zip(uploads, images, strict=True)]
    return Latency(
        {name: median(each[at + 1] - each[at] for each in moments) for at, name in enumerate(STAGES)},
        trigger_to_row=median(each[-1] - each[1] for each in moments),
        upload_to_row=median(each[-1] - each[0] for each in moments),
    )
