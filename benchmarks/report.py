"""A report of many rows: time, size and memory of the real command: ``python -m benchmarks.report``.

The rows are written directly into an SQLite file, with names, sizes and times that compress as badly as those of a
camera's files do.
"""

import argparse
import random
import sqlite3
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console

from benchmarks import command, results
from benchmarks.results import Result, Section, amount, duration
from image_metadata.settings import SQL_CONNECTION_STRING
from imagectl.local.resources import sqlite_connection_string
from imagectl.repository import REPOSITORY

_ROWS = 100_000
_MOST_SECONDS = 20
_MOST_BYTES = 5_000_000
_CAMERAS = (
    ("JPEG", 8192, 5464, "Canon", "Canon EOS R5"),
    ("HEIF", 4032, 3024, "Apple", "iPhone 15 Pro"),
    ("JPEG", 4080, 3072, "Google", "Pixel 8"),
    ("PNG", 2560, 1440, None, None),
)


def measure(rows: int) -> Iterator[Result]:
    """Targets are for 100,000 rows."""
    with tempfile.TemporaryDirectory() as folder:
        database, page = Path(folder) / "images.db", Path(folder) / "report.html"
        write_rows(database, rows)
        settings = {SQL_CONNECTION_STRING: sqlite_connection_string(database)}
        measured = command.measure(["report", str(page)], settings)
        seconds, peak, size = measured.seconds, measured.peak_bytes, page.stat().st_size
    for what, ours, target, reached in (
        ("time", duration(seconds), f"≤ {_MOST_SECONDS} s", seconds <= _MOST_SECONDS),
        ("size", amount(size), f"≤ {amount(_MOST_BYTES)}", size <= _MOST_BYTES),
        ("peak memory", amount(peak), "≤ 150.0 MiB", peak <= 150 * 2**20),
    ):
        yield Result(what=f"report of {rows:,} rows: {what}", ours=ours, target=target, reached=reached)


def write_rows(database: Path, count: int) -> None:
    """Create an SQLite file with the app's tables and that many rows."""
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript((REPOSITORY / "sql" / "sqlite.sql").read_text("utf-8"))
        connection.executescript("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY")
        connection.executemany(
            "INSERT INTO ImageMetadata (file_name, file_size_kb, width, height, format, upload_id, blob_id, account, "
            "container, content_md5, uploaded_at, display_width, display_height, color_mode, taken_at, camera_make, "
            "camera_model) VALUES (?, ?, ?, ?, ?, ?, ?, 'images', 'image-input', ?, ?, ?, ?, 'RGB', ?, ?, ?)",
            _rows(count),
        )
        connection.commit()


def _rows(count: int) -> Iterator[tuple[object, ...]]:
    chance = random.Random(1)  # noqa: S311  # the same rows every time, nothing secret
    newest = datetime(2026, 11, 1)  # noqa: DTZ001  # as the columns hold it
    for number in range(count):
        image_format, width, height, make, model = chance.choice(_CAMERAS)
        identity = uuid.UUID(int=chance.getrandbits(128)).hex
        taken = newest - timedelta(seconds=chance.randrange(10**8))
        uploaded = newest - timedelta(seconds=chance.randrange(10**7))
        name = f"{taken:%Y/%m}/{identity}.jpg" if number % 2 else f"{taken:%Y/%m}/IMG_{chance.randrange(10_000):04}.jpg"
        size_kb = chance.randrange(10**5, 10**7) / 1024
        # As long as the digests that the app stores, on which the size of the indexes depends.
        upload_id = f"{chance.getrandbits(256):064x}"
        stored = (name, size_kb, width, height, image_format, upload_id, upload_id, f"{identity[:22]}==")
        yield (
            *stored,
            f"{uploaded:%Y-%m-%dT%H:%M:%S.000}",
            width,
            height,
            f"{taken:%Y-%m-%dT%H:%M:%S.000}",
            make,
            model,
        )


def main() -> int:
    """Return the exit status: 1 when something was not reached."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--rows", type=int, default=_ROWS, metavar="N", help="(default: %(default)s)")
    section = Section("Report", "The real command.", list(measure(parser.parse_args().rows)))
    results.show(section, Console())
    return int(results.missed([section]))


if __name__ == "__main__":
    sys.exit(main())
