"""The whole pipeline, from blobs or events that are there before the host starts to the last row."""

import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.big_files import jpeg_file
from benchmarks.errors import BenchmarkError
from benchmarks.host_process import HostProcess, running_host
from benchmarks.profiled_host import IMPORTS
from benchmarks.storage import Storage, by_kind, counting_relays
from benchmarks.ways import SAMPLES, SAMPLES_APP, Way
from image_metadata.database.connections import connect
from image_metadata.settings import SqlSettings
from imagectl.local.resources import sqlite_connection_string
from imagectl.schema.upgrade import upgrade_schema

_NOT_PER_IMAGE = ("listing", "queue send", "upload")
_TIMEOUT_SECONDS = 180
_SETTLE_SECONDS = 2


@dataclass(frozen=True)
class Workload:
    """Equal images that are processed in one run.

    Attributes:
        name: as the tables show it.
        size: bytes of an image.
        count: images of a run.
        live: they are uploaded while the host runs; otherwise they are there before it starts.
    """

    name: str
    size: int
    count: int
    live: bool = False

    def blobs(self) -> Iterator[tuple[str, bytes]]:
        data = jpeg_file(self.size)
        return ((f"{number:04}.jpg", data) for number in range(self.count))


WORKLOADS = (
    Workload("330 KB", 330_000, 120),
    Workload("10 MB", 10_000_000, 16),
    Workload("330 KB live", 330_000, 60, live=True),
    Workload("100 KB", 100_000, 120),
    Workload("100 MB", 100_000_000, 4),
)
"""The most telling first, for a run that has no time for all."""


@dataclass(frozen=True)
class Run:
    """One run of one way over one workload.

    Attributes:
        images_per_second: over the time from the host's start, or the first upload, to the end of the last store.
        processor_seconds: of the host's process, per image, its start not included.
        peak_bytes: the most resident memory of the host's process.
    """

    images_per_second: float
    processor_seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class Traffic:
    """What app and host moved for one image.

    Attributes:
        requests: storage requests by kind, per image.
        bytes: both directions, heads of requests and answers included, per image.
    """

    requests: dict[str, float]
    bytes: float

    @property
    def total_requests(self) -> float:
        return sum(self.requests.values())


class Bench:
    """A workload with its storage; every run starts from the same state."""

    def __init__(self, workload: Workload, storage: Storage, folder: Path) -> None:
        self.workload = workload
        self._storage = storage
        self._folder = folder

    def run(self, way: Way) -> Run:
        """Measure one run.

        Raises:
            BenchmarkError: not every image got its row.
        """
        self._reset(way)
        with self._host(way, self._storage.connection_string) as (host, database):
            before = host.processor_seconds()
            began = self._feed(way, host)
            self._check_rows(database)
            last = max(invocation.end for invocation in host.invocations())
            return Run(
                images_per_second=self.workload.count / (last - began),
                processor_seconds=(host.processor_seconds() - before) / self.workload.count,
                peak_bytes=host.peak_bytes(),
            )

    def traffic(self, way: Way) -> Traffic:
        """Count requests and bytes in a run of its own, whose time does not count."""
        with counting_relays(self._storage) as (connection_string, relays):
            self._reset(way)
            start = self._storage.log_position()
            with self._host(way, connection_string) as (host, _):
                self._feed(way, host)
                # The last orchestrations end after their row is stored, and their receipts and deletions come then.
                time.sleep(_SETTLE_SECONDS)
            requests = by_kind(self._storage.requests(start, self._storage.log_position()))
            requests["queue receive"] -= relays["Queue"].matches
            moved = sum(relay.bytes for relay in relays.values())
        count = self.workload.count
        return Traffic(
            {kind: number / count for kind, number in requests.items() if number and kind not in _NOT_PER_IMAGE},
            moved / count,
        )

    def profile(self, way: Way) -> dict[str, float]:
        """Processor seconds per image of each package, in a run of its own under a profiler; imports are left out.

        Raises:
            BenchmarkError: the host ended before its time.
        """
        self._reset(way)
        file = self._folder / "profile.json"
        file.unlink(missing_ok=True)
        with self._host(way, self._storage.connection_string, file) as (host, _):
            self._feed(way, host)
        if not file.exists():
            raise BenchmarkError("expected the host to write its profile when it stopped, but there is none")
        packages: dict[str, float] = json.loads(file.read_text("utf-8"))
        return {name: seconds / self.workload.count for name, seconds in packages.items() if name != IMPORTS}

    def _reset(self, way: Way) -> None:
        if self.workload.live:
            self._storage.empty()
        else:
            self._storage.forget_deliveries()
            if way.takes_events:
                self._storage.announce()

    @contextmanager
    def _host(
        self, way: Way, connection_string: str, profile: Path | None = None
    ) -> Iterator[tuple[HostProcess, Path]]:
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            database = create_database(way, Path(folder))
            with running_host(way, connection_string, database, Path(folder) / "host.log", profile) as host:
                yield host, database

    def _feed(self, way: Way, host: HostProcess) -> float:
        """Wait for every row, uploading meanwhile when the workload is live; returns when it began."""
        began = host.started
        if self.workload.live:
            began = time.time()
            self._storage.put(self.workload.blobs(), announce=way.takes_events)
        host.wait_until_stored(self.workload.count, _TIMEOUT_SECONDS)
        return began

    def _check_rows(self, database: Path) -> None:
        with closing(sqlite3.connect(database)) as connection:
            found = dict(connection.execute("SELECT file_name, width FROM ImageMetadata"))
        expected = {name for name, _ in self.workload.blobs()}
        if set(found) != expected or not all(found.values()):
            raise BenchmarkError(f"expected a row for each of {len(expected)} images, but there are {len(found)}")


def create_database(way: Way, folder: Path) -> Path:
    """An SQLite file with the tables that the way's app writes to."""
    database = folder / "images.db"
    if way is SAMPLES:
        with closing(sqlite3.connect(database)) as connection:
            connection.executescript((SAMPLES_APP / "table.sql").read_text("utf-8"))
    else:
        with closing(connect(SqlSettings(sqlite_connection_string(database)))) as connection:
            upgrade_schema(connection)
    return database
