"""Rows per second: the store's kept connection against a connection per insert, both ways in turn.

The target holds for SQL Server, where a connection costs a TLS handshake and a login. SQLite, where it
costs next to nothing, is there for information. On its own: ``python -m benchmarks.store``.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

import pyodbc
from rich.console import Console

from benchmarks.results import Result, show
from image_metadata.database.connections import Connections, connect
from image_metadata.model import BlobFacts, ImageHeader, ImageMetadata, Upload
from image_metadata.store_metadata import store
from imagectl.schema.upgrade import upgrade_schema
from tests.support.databases import VARIABLE, Database, sqlite_database, temporary_database

_ROWS = 100
_TIMES_FASTER = 5


def measure(rounds: int) -> Iterator[Result]:
    """SQLite, and SQL Server where TEST_SQL_CONNECTION_STRING names one."""
    with tempfile.TemporaryDirectory() as folder:
        yield _on("SQLite", sqlite_database(Path(folder) / "images.db"), rounds, target=None)
    if server := os.environ.get(VARIABLE):
        with temporary_database(server) as database:
            yield _on("SQL Server", database, rounds, target=_TIMES_FASTER)


def _on(name: str, database: Database, rounds: int, target: float | None) -> Result:
    with closing(connect(database.settings)) as connection:
        upgrade_schema(connection)
    with closing(Connections(database.settings)) as connections:
        pairs = [
            (
                _rate(round_, "usual", lambda found: _connect_and_insert(database, found)),
                _rate(round_, "ours", lambda found: store(found, connections)),
            )
            for round_ in range(rounds)
        ]
    usual, ours = median(usual for usual, _ in pairs), median(ours for _, ours in pairs)
    return Result(
        what=f"{name}: rows stored per second",
        usual=f"{usual:,.0f}",
        ours=f"{ours:,.0f}",
        ratio=ours / usual,
        target=f"≥ {target:g} times" if target else "for information",
        reached=target is None or ours / usual >= target,
    )


def _rate(round_: int, way: str, insert: Callable[[ImageMetadata], object]) -> float:
    found = [_found(f"{way}/{round_}/{number}.jpg") for number in range(_ROWS)]
    start = time.perf_counter()
    for each in found:
        insert(each)
    return _ROWS / (time.perf_counter() - start)


def _found(name: str) -> ImageMetadata:
    upload = Upload("account", "image-input", name, "0x8DB")
    return ImageMetadata(
        instance_id=upload.id,
        upload=upload,
        blob=BlobFacts(size=123_456, uploaded_at="2026-11-22T06:28:51.000", content_type="image/jpeg"),
        image=ImageHeader(width=640, height=480, format="JPEG", display_width=640, display_height=480),
    )


def _connect_and_insert(database: Database, found: ImageMetadata) -> None:
    """The usual way: connect, insert, commit and close for each image."""
    with closing(pyodbc.connect(database.settings.connection_string)) as connection:
        connection.execute(
            "INSERT INTO ImageMetadata (file_name, file_size_kb, width, height, format, upload_id, blob_id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(found.upload.name, found.blob.file_size_kb, found.image.width, found.image.height, found.image.format),
            *(found.upload.id, found.upload.blob_id),
        )
        connection.commit()


if __name__ == "__main__":
    show(list(measure(rounds=5)), Console())
