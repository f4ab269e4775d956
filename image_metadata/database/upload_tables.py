"""What the app asks the tables and records in them besides storing a row."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from image_metadata.database.columns import Column, SqlValue, Statement, Table
from image_metadata.database.connections import Connections
from image_metadata.database.tables import BLOB_OBSERVATIONS, IMAGE_METADATA, RECONCILIATIONS, UPLOAD_TABLES
from image_metadata.reconciliation import Reconciliation
from image_metadata.timestamps import time_as_text

_AT_ONCE = 1000
"""Ids in one statement: each is sent once per table, and SQL Server takes 2,100 parameters."""


class UploadTables:
    """Every method raises TransientDatabaseError when the database does not answer, and may be called twice."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def with_row(self, upload_ids: Sequence[str]) -> set[str]:
        """Those of the uploads that have a row in either table."""
        return self._known("upload_id", upload_ids)

    def blobs_with_row(self, blob_ids: Sequence[str]) -> set[str]:
        """Those of the blobs of which some state has a row in either table."""
        return self._known("blob_id", blob_ids)

    def last_run(self) -> Reconciliation | None:
        """The reconciliation that began last."""
        for row in self._connections.rows(_LAST_RUN):
            values = dict(zip((column.name for column in RECONCILIATIONS.written), map(time_as_text, row), strict=True))
            del values["id"]
            return Reconciliation(**values)
        return None

    def record(self, run: Reconciliation) -> None:
        """Insert one row for a reconciliation that ended."""
        self._insert(RECONCILIATIONS, {"id": uuid.uuid4().hex, **asdict(run)})

    def observe(self, blob_id: str, observed_at: str, *, present: bool) -> None:
        """Record that storage was asked for a blob, and whether it exists; the time is UTC as ISO 8601 text."""
        self._insert(BLOB_OBSERVATIONS, {"blob_id": blob_id, "observed_at": observed_at, "present": present})

    def _insert(self, table: Table, row: dict[str, SqlValue]) -> None:
        compared = [column.fitted(row[column.name]) for column in _compared(table)]
        self._connections.run(_INSERTS[table.name], [*table.parameters(row), *compared])

    def _known(self, column: str, ids: Sequence[str]) -> set[str]:
        return {
            known
            for chunk in _chunks(ids)
            for (known,) in self._connections.rows(_look_up(column, len(chunk)), [*chunk] * len(UPLOAD_TABLES))
        }


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _look_up(column: str, count: int) -> Statement:
    marks = ",".join("?" * count)
    selects = (f"SELECT {column} FROM {table.name} WHERE {column} IN ({marks})" for table in UPLOAD_TABLES)  # noqa: S608  # names from this package
    sizes = (IMAGE_METADATA.columns[column].input_size,) * count * len(UPLOAD_TABLES)
    return Statement(" UNION ".join(selects), sizes)


def _insert_once(table: Table) -> Statement:
    """Insert the row unless it is there; takes its values, then those of the compared columns again."""
    names = [column.name for column in table.written]
    marks = ", ".join("?" * len(names))
    same = " AND ".join(f"{column.name} = ?" for column in _compared(table))
    return Statement(
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {marks} "  # noqa: S608  # names from this package
        f"WHERE NOT EXISTS (SELECT 1 FROM {table.name} WHERE {same})",
        tuple(column.input_size for column in (*table.written, *_compared(table))),
    )


def _compared(table: Table) -> list[Column]:
    return [column for column in table.written if table.key in {None, column.name}]


_INSERTS = {table.name: _insert_once(table) for table in (RECONCILIATIONS, BLOB_OBSERVATIONS)}

_LAST_RUN = Statement(
    f"SELECT {', '.join(column.name for column in RECONCILIATIONS.written)} FROM {RECONCILIATIONS.name} "  # noqa: S608  # names from this package
    f"WHERE began_at = (SELECT MAX(began_at) FROM {RECONCILIATIONS.name})"
)
