"""What large tables cost: queries, the view of current images, and a store."""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

from benchmarks import command
from benchmarks.report import write_rows
from benchmarks.results import Result, amount, duration
from image_metadata import store
from image_metadata.database.connections import Connections, cursor
from image_metadata.intake import CONTAINER
from image_metadata.model import BlobFacts, ImageHeader, ImageMetadata, Upload
from image_metadata.settings import SqlSettings
from imagectl.local.resources import sqlite_connection_string

_LARGEST = 1_000_000
_LIMIT_SECONDS = 1.0
_EXPORT_BYTES = 80 * 1024 * 1024
_VIEW_SECONDS = 0.5
_REPEATED = 5


def measure(count: int) -> Iterator[Result]:
    """With that many rows."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        database = Path(folder) / "images.db"
        write_rows(database, count)
        settings = SqlSettings(sqlite_connection_string(database))
        yield from _queries(count, settings)
        yield from _view(count, settings, database)
        yield _store(count, settings)


def _queries(count: int, settings: SqlSettings) -> Iterator[Result]:
    environment = {"SqlConnectionString": settings.connection_string}
    newest = command.measure(["query", "--limit", "20"], environment)
    yield _timed(f"{count:,} rows: query --limit 20", newest.seconds, _LIMIT_SECONDS, count, newest.peak_bytes)
    export = command.measure(["query", "--limit", "all", "--output", "csv"], environment)
    has_target = count == _LARGEST
    yield Result(
        what=f"{count:,} rows: query of all to CSV",
        ours=f"{duration(export.seconds)}, {amount(export.peak_bytes)}",
        target=f"≤ {amount(_EXPORT_BYTES)}" if has_target else "",
        reached=export.peak_bytes <= _EXPORT_BYTES if has_target else None,
    )


def _view(count: int, settings: SqlSettings, database: Path) -> Iterator[Result]:
    with closing(sqlite3.connect(database)) as connection:
        name, blob = connection.execute(
            "SELECT file_name, blob_id FROM ImageMetadata LIMIT 1 OFFSET ?", [count // 2]
        ).fetchone()
    for what, condition, parameters in (
        ("one name", "WHERE file_name = ?", [name]),
        ("the newest 20", "ORDER BY stored_at DESC LIMIT 20", []),
        ("one blob", "WHERE blob_id = ?", [blob]),
    ):

        def select(condition: str = condition, parameters: list[str] = parameters) -> object:
            with cursor(settings) as opened:
                return opened.execute(f"SELECT * FROM CurrentImages {condition}", *parameters).fetchall()  # noqa: S608  # texts of ours

        yield _timed(f"{count:,} rows: CurrentImages, {what}", _seconds(select), _VIEW_SECONDS, count)


def _store(count: int, settings: SqlSettings) -> Result:
    numbers = iter(range(_REPEATED))
    with closing(Connections(settings)) as connections:
        seconds = _seconds(lambda: store(_metadata(f"new-{next(numbers)}.jpg"), connections))
    return Result(what=f"{count:,} rows: store of one more", ours=duration(seconds))


def _metadata(name: str) -> ImageMetadata:
    upload = Upload("images", CONTAINER, name, "0x8DB")
    return ImageMetadata(
        instance_id=upload.id,
        upload=upload,
        blob=BlobFacts(size=123_456, uploaded_at="2026-11-22T06:28:51.000", content_type="image/jpeg"),
        image=ImageHeader(width=640, height=480, format="JPEG", display_width=640, display_height=480),
    )


def _seconds(call: Callable[[], object]) -> float:
    """Median of several calls."""
    taken = []
    for _ in range(_REPEATED):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return median(taken)


def _timed(what: str, seconds: float, most: float, count: int, peak: int = 0) -> Result:
    has_target = count == _LARGEST
    return Result(
        what=what,
        ours=duration(seconds) + (f", {amount(peak)}" if peak else ""),
        target=f"≤ {duration(most)}" if has_target else "",
        reached=seconds <= most if has_target else None,
    )
