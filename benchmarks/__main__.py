"""Measure the whole pipeline beside the samples' way, on an Azurite of its own: ``python -m benchmarks``."""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from random import Random

from rich.console import Console

from benchmarks import charts, cold_start, formats, large_blob, latency, results, sections
from benchmarks.end_to_end import WORKLOADS, Workload
from benchmarks.fuzz import fuzz, reference_seconds
from benchmarks.pairs import Comparison, compare
from benchmarks.results import Section
from benchmarks.storage import running_storage
from benchmarks.ways import POLLING, QUEUE, QUEUE_POLL_SECONDS, WAYS
from functions_emulator.blobs.listener import POLL_SECONDS
from image_metadata.errors import ImageMetadataError

_WIDE = 170
_INTERVALS = {POLLING.name: POLL_SECONDS, QUEUE.name: QUEUE_POLL_SECONDS}


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    Attributes:
        images: for the latency of one image.
        rounds: repetitions of a timed loop.
        fuzz_seconds: duration of the fuzzer's run.
        starts: pairs of cold starts.
        large_blob: bytes of the blob for the host's memory.
    """

    workloads: Sequence[Workload]
    images: int
    rounds: int
    fuzz_seconds: float
    starts: int
    large_blob: int


_FULL = Scale(WORKLOADS, images=15, rounds=5, fuzz_seconds=10, starts=7, large_blob=1024**3)
_QUICK = Scale(
    [replace(each, count=4) for each in WORKLOADS[:3]],
    images=2,
    rounds=1,
    fuzz_seconds=1,
    starts=1,
    large_blob=64 * 1024**2,
)


def main() -> int:
    """Return the exit status: 1 when a target was missed."""
    options = _options()
    deadline = time.monotonic() + 60 * options.minutes
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    scale, pairs = (_QUICK, 1) if options.quick else (_FULL, options.pairs)
    measured = []
    with tempfile.TemporaryDirectory(prefix="image-metadata-bench-", ignore_cleanup_errors=True) as folder:
        for section in _parts(scale, Path(folder)):
            results.show(section, console)
            measured.append(section)
        comparisons = compare(
            scale.workloads,
            WAYS,
            Path(folder),
            pairs=pairs,
            deadline=deadline,
            missed=sections.missed_rate,
            progress=lambda line: print(line, file=sys.stderr),
        )
    pipeline = [
        sections.throughput(comparisons, WAYS),
        *sections.profiles(comparisons),
        sections.costs(comparisons, WAYS),
    ]
    for section in pipeline:
        results.show(section, console)
    if not options.quick:
        _write([*pipeline, *measured], comparisons)
    return int(results.missed([*pipeline, *measured]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--pairs", type=int, metavar="N", help="alternating runs of each way (default: what fits)")
    parser.add_argument(
        "--minutes", type=float, default=13, metavar="N", help="time for all, without --pairs (default: %(default)s)"
    )
    parser.add_argument("--quick", action="store_true", help="few images and one pair, to try it; writes no results")
    return parser.parse_args()


def _parts(scale: Scale, folder: Path) -> Iterator[Section]:
    """What is measured beside throughput."""
    with running_storage(folder / "parts") as storage:
        run = fuzz(Random(1), scale.fuzz_seconds)  # noqa: S311  # repeatable, not secret
        yield sections.reading(
            list(formats.fetched(storage)),
            formats.processor_time(storage, scale.rounds),
            sections.Fuzzed(run.slowest, run.outcomes.total(), reference_seconds()),
        )
        cold_start.prepare(storage)
        starts: dict[str, list[cold_start.ColdStart]] = {way.name: [] for way in WAYS}
        for _ in range(scale.starts):
            for way in WAYS:
                starts[way.name].append(cold_start.measure(way, storage))
        yield sections.cold_start(starts, POLLING)
        latencies = {way.name: latency.measure(way, storage, scale.images) for way in WAYS}
        yield sections.latency(latencies, _INTERVALS)
        yield sections.large_blob(scale.large_blob, large_blob.peak_above_idle(QUEUE, storage, scale.large_blob))


def _write(measured: Sequence[Section], comparisons: Sequence[Comparison]) -> None:
    results.RESULTS.mkdir(exist_ok=True)
    by_size = sorted(comparisons, key=lambda each: (each.workload.size, each.workload.live))
    charts.write_bars(
        results.RESULTS / "images-per-second.svg",
        "Images per second (more is better)",
        [each.workload.name for each in by_size],
        {way.name: [each.median(way, lambda run: run.images_per_second) for each in by_size] for way in WAYS},
    )
    counted = [comparison for comparison in by_size if comparison.traffic]
    charts.write_bars(
        results.RESULTS / "bytes-per-image.svg",
        "KiB moved per image (less is better)",
        [comparison.workload.name for comparison in counted],
        {way.name: [each.traffic[way.name].bytes / 1024 for each in counted] for way in WAYS},
        logarithmic=True,
    )
    text = results.markdown(
        "Results of the benchmark", _conditions(), measured, ["images-per-second.svg", "bytes-per-image.svg"]
    )
    (results.RESULTS / "results.md").write_text(text, "utf-8")


def _conditions() -> str:
    day = datetime.now(UTC).date().isoformat()
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("pillow", "azure-storage-blob", "azure-functions-durable")
    )
    return (
        f"One run of `make bench` on {day}: Python {platform.python_version()}, {packages}, the emulator, Azurite and "
        f"SQLite on one machine with {os.cpu_count()} processors. *samples* is the same workflow as tutorials and "
        "course assignments write it ([samples_app](../samples_app/README.md)), run on the same emulator in turn."
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ImageMetadataError as error:
        sys.exit(str(error))
