"""What a large container costs: an idle stack, a new upload, and the commands that compare it with the tables."""

import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks import command
from benchmarks.big_files import jpeg_file
from benchmarks.command import Measured
from benchmarks.end_to_end import create_database
from benchmarks.growth.azurite_files import Filled, filled_storage
from benchmarks.host_process import HostProcess, processor_seconds, running_host
from benchmarks.results import Result, amount, duration
from benchmarks.ways import POLLING, QUEUE, Way
from image_metadata.model import Upload
from imagectl.local.resources import sqlite_connection_string

_TARGETS_AT = 10_000
_IDLE_SHARE = 0.15
_ANNOUNCED_SECONDS = 10
_COMPARED_AT = 50_000
_COMPARED_SECONDS = 15
_SETTLE_SECONDS = 12
"""After the start or an upload: a host that looks more often while something comes is idle again by then."""

_IDLE_SECONDS = 54
"""Six of the longest periods between two listings: fewer, and one listing more or less would count for much."""

_UPLOADS = 3
_TIMEOUT_SECONDS = 120


def measure(count: int) -> Iterator[Result]:
    """With that many blobs, and a row for each."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        filled_storage(Path(folder), count) as filled,
    ):
        for way in (POLLING, QUEUE):
            yield from _of_way(way, filled, count)


def _of_way(way: Way, filled: Filled, count: int) -> Iterator[Result]:
    storage, what = filled.storage, f"{count:,} blobs, {way.name}"
    with tempfile.TemporaryDirectory() as folder:
        database = create_database(way, Path(folder))
        _write_rows(database, filled.uploads)
        with running_host(way, storage.connection_string, database, Path(folder) / "host.log") as host:
            time.sleep(_SETTLE_SECONDS)
            share = _idle_share(host, storage.azurite.process.pid)
            has_target = count == _TARGETS_AT
            yield Result(
                what=f"{what}: processor of host and Azurite when idle",
                ours=f"{share:.1%} of a core",
                target=f"≤ {_IDLE_SHARE:.0%}" if has_target else "",
                reached=share <= _IDLE_SHARE if has_target else None,
            )
            seconds = max(_until_announced(way, filled, host, number) for number in range(_UPLOADS))
            yield Result(
                what=f"{what}: from a new upload to its trigger, the longest of {_UPLOADS}",
                ours=duration(seconds),
                target=f"≤ {_ANNOUNCED_SECONDS} s" if has_target else "",
                reached=seconds <= _ANNOUNCED_SECONDS if has_target else None,
            )
            if way is POLLING:
                yield from _commands(filled, database, host, count)


def _idle_share(host: HostProcess, azurite: int) -> float:
    before = host.processor_seconds() + processor_seconds(azurite)
    time.sleep(_IDLE_SECONDS)
    return (host.processor_seconds() + processor_seconds(azurite) - before) / _IDLE_SECONDS


def _until_announced(way: Way, filled: Filled, host: HostProcess, number: int) -> float:
    """For one upload of this host, numbered from 0; each falls into another phase of the pause between listings."""
    time.sleep(_SETTLE_SECONDS + 2 * number)
    before = len(host.invocations())
    filled.storage.put([(f"new-{way.name}-{number}.jpg", jpeg_file(100_000))], announce=way.takes_events)
    uploaded = time.time()
    host.wait_until_stored(number + 1, _TIMEOUT_SECONDS)
    return min(call.start for call in host.invocations()[before:]) - uploaded


def _commands(filled: Filled, database: Path, host: HostProcess, count: int) -> Iterator[Result]:
    settings = {
        **POLLING.settings,
        "AzureWebJobsStorage": filled.storage.connection_string,
        "ImageStorage": filled.storage.connection_string,
        "SqlConnectionString": sqlite_connection_string(database),
    }
    url = ["--url", host.url()]
    for name, arguments, statuses in (
        ("status", ["status", *url], (0, 1)),
        ("backfill", ["backfill", "--dry-run", *url], (0,)),
    ):
        yield _of_command(f"{count:,} blobs: {name}", command.measure(arguments, settings, statuses=statuses), count)


def _of_command(what: str, measured: Measured, count: int) -> Result:
    has_target = count == _COMPARED_AT
    return Result(
        what=what,
        ours=f"{duration(measured.seconds)}, {amount(measured.peak_bytes)}",
        target=f"≤ {_COMPARED_SECONDS} s" if has_target else "",
        reached=measured.seconds <= _COMPARED_SECONDS if has_target else None,
    )


def _write_rows(database: Path, uploads: Sequence[Upload]) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.executemany(
            "INSERT INTO ImageMetadata (file_name, file_size_kb, width, height, format, upload_id, blob_id, account, "
            "container, etag, uploaded_at) VALUES (?, 322.3, 640, 448, 'JPEG', ?, ?, ?, ?, ?, "
            "'2026-11-01T06:28:51.000')",
            ((each.name, each.id, each.blob_id, each.account, each.container, each.etag) for each in uploads),
        )
        connection.commit()
