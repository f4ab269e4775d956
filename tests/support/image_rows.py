"""Rows in the tables, for tests of what reads them."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from image_metadata.database.connections import cursor
from tests.support.databases import Database

HOSTILE = ("<img src=x onerror=alert(1)>.png", "gpj.\u202eexe", "line\nbreak\x1b[31m.png", "</script><b id=injected>")


def add(database: Database, table: str, **columns: Any) -> None:
    add_all(database, table, [columns])


def add_all(database: Database, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that have the same columns, on one connection."""
    columns = list(rows[0])
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608  # names of the tests
    with cursor(database.settings) as opened:
        for row in rows:
            opened.execute(statement, *row.values())


def add_image(database: Database, name: str, **columns: Any) -> None:
    """A row of ImageMetadata, of a blob of its own unless ``blob_id`` says otherwise."""
    add(database, "ImageMetadata", **image_row(name, **columns))


def image_row(name: str, **columns: Any) -> dict[str, Any]:
    digest = hashlib.sha256(repr((name, columns)).encode()).hexdigest()
    row = {
        "file_name": name,
        "file_size_kb": 2.0,
        "width": 40,
        "height": 30,
        "format": "PNG",
        "upload_id": digest,
        "blob_id": digest,
        "account": "store",
        "container": "image-input",
        "uploaded_at": "2026-11-22T05:00:00.000",
    }
    return row | columns


def add_rejection(database: Database, name: str, **columns: Any) -> None:
    row = {
        "file_name": name,
        "file_size_kb": 2.0,
        "reason": "corrupt",
        "detail": "expected more, found the end of the file",
        "upload_id": hashlib.sha256(name.encode()).hexdigest(),
        "uploaded_at": "2026-11-22T05:00:00.000",
    }
    add(database, "ImageRejections", **(row | columns))


def add_many_images(database: Database, count: int) -> None:
    """Rows 00000.gif, 00001.gif, … of 1 KB, in SQLite."""
    database.query(
        "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < ? - 1) "
        "INSERT INTO ImageMetadata (file_name, file_size_kb, width, height, format, upload_id, blob_id, uploaded_at) "
        "SELECT printf('%05d.gif', n), 1, 16, 16, 'GIF', printf('many%05d', n), printf('many%05d', n), "
        "'2026-10-01T00:00:00.000' FROM numbers",
        count,
    )
