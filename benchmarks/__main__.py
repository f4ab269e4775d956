"""Run every measurement on an Azurite of its own: ``python -m benchmarks [--quick]``."""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from benchmarks import agreement, fetched, memory, processor, results, speed
from benchmarks import store as rows
from benchmarks.storage import Store
from image_metadata.errors import ImageMetadataError
from image_metadata.settings import IMAGE_STORAGE
from imagectl.local.azurite import running_azurite

_GIBIBYTE = 1024**3
_WIDE = 160


@dataclass(frozen=True)
class Scale:
    """How much is measured: sizes in bytes, and how often each thing is timed."""

    sizes: tuple[int, ...]
    large: int
    rounds: int


_FULL = Scale((100_000, 1_000_000, 10_000_000, 100_000_000), _GIBIBYTE, 25)
_QUICK = Scale((100_000, 1_000_000), 64 * 1024**2, 3)


def main() -> int:
    """Return the exit status: 1 when something was not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller blobs, fewer rounds, and no results written")
    quick = parser.parse_args().quick
    console = Console(stderr=True)
    found = []
    for result in _measure(_QUICK if quick else _FULL):
        console.print(f"{result.what}: {result.ours}", highlight=False)
        found.append(result)
    results.show(found, Console(width=None if sys.stdout.isatty() else _WIDE))
    if not quick:
        results.write(found, _conditions())
    return int(not all(result.reached for result in found))


def _measure(scale: Scale) -> Iterator[results.Result]:
    yield from processor.measure(scale.rounds)
    yield from agreement.measure()
    with tempfile.TemporaryDirectory() as folder, running_azurite(Path(folder)) as azurite:
        os.environ[IMAGE_STORAGE] = azurite.connection_string
        store = Store(azurite.connection_string)
        store.create()
        yield from fetched.measure(store, scale.sizes)
        yield from speed.measure(store, scale.rounds)
        yield from memory.measure(store, scale.large)
    yield from rows.measure(scale.rounds)


def _conditions() -> str:
    day = datetime.now(UTC).date().isoformat()
    packages = ", ".join(f"{name} {version(name)}" for name in ("pillow", "pillow-heif", "azure-storage-blob"))
    return (
        f"One run of `python -m benchmarks` on {day}: Python {platform.python_version()}, {packages}, "
        f"Azurite on the same machine, {os.cpu_count()} processors. Sizes are 100 KB, 1 MB, 10 MB and 100 MB "
        "where a median is given; the usual way is `benchmarks/usual_way.py`."
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ImageMetadataError as error:
        sys.exit(str(error))
