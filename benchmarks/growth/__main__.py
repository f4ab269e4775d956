"""Measure how the stack grows with its container and its tables: ``python -m benchmarks.growth``."""

import argparse
import os
import platform
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from rich.console import Console

from benchmarks import report, results
from benchmarks.growth import containers, tables, uploads
from benchmarks.results import Result, Section

_WIDE = 150
_REPORT_ROWS = 100_000


@dataclass(frozen=True)
class Part:
    """One table: what it is called, how it is measured, and its measurements, each of which stands alone."""

    title: str
    note: str
    measurements: Callable[[bool], Sequence[Callable[[], Iterator[Result]]]]


def _tables(quick: bool) -> list[Callable[[], Iterator[Result]]]:
    sizes = (1_000,) if quick else (10_000, 100_000, 1_000_000)
    return [*(partial(tables.measure, size) for size in sizes), partial(report.measure, _REPORT_ROWS)]


def _containers(quick: bool) -> list[Callable[[], Iterator[Result]]]:
    return [partial(containers.measure, size) for size in ((1_000,) if quick else (1_000, 10_000, 50_000))]


_PARTS = {
    "tables": Part(
        "Rows",
        "SQLite, the file written directly. Commands are processes of their own: time and peak memory.",
        _tables,
    ),
    "uploads": Part(
        "Uploads",
        "*samples* is the SDK with 8 or 32 requests at once, whichever is faster.",
        lambda _quick: [uploads.measure],
    ),
    "containers": Part(
        "Blobs",
        "Every blob has its row and its receipt; Azurite's files are written directly. Commands are processes of their "
        "own: time and peak memory, while the polling host lists, too.",
        _containers,
    ),
}


def main() -> int:
    """Return the exit status: 1 when a target was missed or something could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(_PARTS)} (default: all, and write them)")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it; writes no results")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(_PARTS):
        parser.error(f"expected {', '.join(_PARTS)}, but got {', '.join(sorted(unknown))}")
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    sections: list[Section] = []
    for name in options.parts or _PARTS:
        part = _PARTS[name]
        measured = [result for each in part.measurements(options.quick) for result in completed(each)]
        sections.append(Section(part.title, part.note, measured))
        results.show(sections[-1], console)
        if not options.quick and not options.parts:
            # After each part: what comes later takes long, and may be interrupted.
            _write(sections)
    return int(results.missed(sections))


def completed(measurement: Callable[[], Iterator[Result]]) -> Iterator[Result]:
    """The results of a measurement, each printed when it is there; a last one that says so when the rest failed."""
    try:
        for result in measurement():
            print(f"{result.what}: {result.ours}", file=sys.stderr, flush=True)
            yield result
    except Exception as error:  # noqa: BLE001  # whatever it is, hours of other measurements stay
        traceback.print_exc()
        reason = (str(error).splitlines() or [""])[0]
        yield Result(what="not measured", ours=f"{type(error).__name__}: {reason}", reached=False)


def _write(sections: Sequence[Section]) -> None:
    results.RESULTS.mkdir(exist_ok=True)
    text = results.markdown("How the stack grows", _conditions(), sections, [])
    (results.RESULTS / "growth.md").write_text(text, "utf-8")


def _conditions() -> str:
    day = datetime.now(UTC).date().isoformat()
    return (
        f"One run of `make bench-growth` on {day}: Python {platform.python_version()}, the emulator, Azurite and "
        f"SQLite on one machine with {os.cpu_count()} processors."
    )


if __name__ == "__main__":
    sys.exit(main())
