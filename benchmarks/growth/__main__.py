"""Measure how the stack grows with its container and its tables: ``python -m benchmarks.growth``."""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console

from benchmarks import results
from benchmarks.growth import containers, tables, uploads
from benchmarks.results import Result, Section
from image_metadata.errors import ImageMetadataError

_WIDE = 150


@dataclass(frozen=True)
class Part:
    """One table: what it is called, how it is measured, and what makes its lines."""

    title: str
    note: str
    measure: Callable[[bool], Iterator[Result]]


_PARTS = {
    "tables": Part(
        "Rows",
        "SQLite, the file written directly. Commands are processes of their own: time and peak memory.",
        lambda quick: tables.measure((1_000,) if quick else (10_000, 100_000, 1_000_000)),
    ),
    "uploads": Part(
        "Uploads",
        "*samples* is the SDK with 8 or 32 requests at once, whichever is faster.",
        lambda _quick: uploads.measure(),
    ),
    "containers": Part(
        "Blobs",
        "Every blob has its row and its receipt; Azurite's files are written directly.",
        lambda quick: containers.measure((1_000,) if quick else (1_000, 10_000, 50_000)),
    ),
}


def main() -> int:
    """Return the exit status: 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(_PARTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it; writes no results")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(_PARTS):
        parser.error(f"expected {', '.join(_PARTS)}, but got {', '.join(sorted(unknown))}")
    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    sections = []
    for name in options.parts or _PARTS:
        part = _PARTS[name]
        section = Section(part.title, part.note, list(_shown(part.measure(options.quick))))
        results.show(section, console)
        sections.append(section)
    if not options.quick and not options.parts:
        results.RESULTS.mkdir(exist_ok=True)
        text = results.markdown("How the stack grows", _conditions(), sections, [])
        (results.RESULTS / "growth.md").write_text(text, "utf-8")
    return int(results.missed(sections))


def _shown(measured: Iterable[Result]) -> Iterator[Result]:
    """Print each line as soon as it is measured: all of them take long."""
    for result in measured:
        print(f"{result.what}: {result.ours}", file=sys.stderr)
        yield result


def _conditions() -> str:
    day = datetime.now(UTC).date().isoformat()
    return (
        f"One run of `make bench-growth` on {day}: Python {platform.python_version()}, the emulator, Azurite and "
        f"SQLite on one machine with {os.cpu_count()} processors."
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ImageMetadataError as error:
        sys.exit(str(error))
