"""``imagectl upload`` beside the SDK with many requests at once, over a network with a delay and on this machine."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks import command
from benchmarks.big_files import jpeg_file
from benchmarks.relay import Relay
from benchmarks.results import Result, amount, duration
from benchmarks.storage import Storage, ports, running_storage, through
from benchmarks.ways import POLLING
from imagectl.repository import REPOSITORY

_AT_ONCE = 32
_LEAST = 0.8
_ROUND_TRIP = 0.030
_PAIRS = 3
_LARGE = 100_000_000
_LARGE_FILES = 32
_LARGE_BYTES = 150 * 1024 * 1024


def measure() -> Iterator[Result]:
    """400 files of 50 KB with a round trip of 30 ms, 20 of 20 MB without, and the memory for 32 of 100 MB."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        running_storage(Path(folder) / "azurite") as storage,
    ):
        files = Path(folder) / "files"
        yield _rate(storage, files / "small", 400, 50_000, _ROUND_TRIP)
        yield _rate(storage, files / "large", 20, 20_000_000, 0)
        yield _memory(storage, files / "huge")


def _rate(storage: Storage, files: Path, count: int, size: int, round_trip: float) -> Result:
    """Files per second as a multiple of the SDK's: of the faster of 8 and 32 at once."""
    _write_files(files, count, size)
    with ExitStack() as stack:
        connection_string = storage.connection_string
        if round_trip:
            target = ports(connection_string)["Blob"]
            relay = stack.enter_context(Relay(target, round_trip))
            connection_string = through(connection_string, {"Blob": relay})
        pairs = []
        for _ in range(_PAIRS):
            plain = min(_plain_seconds(storage, connection_string, files, threads) for threads in (8, _AT_ONCE))
            storage.empty()
            ours = command.measure(
                ["upload", str(files)], {**POLLING.settings, "ImageStorage": connection_string}
            ).seconds
            pairs.append((plain, ours))
    ratio = median(plain / ours for plain, ours in pairs)
    delay = f", round trip of {duration(round_trip)}" if round_trip else ""
    return Result(
        what=f"upload of {count} files of {size // 1000:,} KB{delay}",
        samples=duration(median(plain for plain, _ in pairs)),
        ours=duration(median(ours for _, ours in pairs)),
        ratio=f"{ratio:.2f} of the rate",
        target=f"≥ {_LEAST}",
        reached=ratio >= _LEAST,
    )


def _plain_seconds(storage: Storage, connection_string: str, files: Path, threads: int) -> float:
    """The SDK alone, as a program that starts and ends like ours."""
    storage.empty()
    command_line = [sys.executable, "-m", "benchmarks.growth.plain_upload", str(files), str(threads)]
    started = time.perf_counter()
    subprocess.run(command_line, cwd=REPOSITORY, env=os.environ | {"ImageStorage": connection_string}, check=True)  # noqa: S603  # our module
    return time.perf_counter() - started


def _memory(storage: Storage, files: Path) -> Result:
    _write_files(files, _LARGE_FILES, _LARGE)
    storage.empty()
    measured = command.measure(["upload", str(files)], {**POLLING.settings, "ImageStorage": storage.connection_string})
    return Result(
        what=f"upload of {_LARGE_FILES} files of 100 MB: peak memory",
        ours=f"{amount(measured.peak_bytes)}, {duration(measured.seconds)}",
        target=f"≤ {amount(_LARGE_BYTES)}",
        reached=measured.peak_bytes <= _LARGE_BYTES,
    )


def _write_files(files: Path, count: int, size: int) -> None:
    files.mkdir(parents=True)
    data = jpeg_file(size)
    for number in range(count):
        # Each begins alike and ends differently, so that no two are the same file.
        (files / f"{number:04}.jpg").write_bytes(data + b"%06d" % number)
