"""What ReconcileTimer asks of the database, and the row that each of its runs leaves."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime

from image_metadata.database.columns import SqlValue, Statement
from image_metadata.database.connections import Connections, app_connections
from image_metadata.database.tables import IMAGE_METADATA, RECONCILIATIONS, UPLOAD_TABLES
from image_metadata.model import Reconciliation

_LOOK_UP = 1000
"""Keys that one query asks for: each is sent once per table, and SQL Server takes 2,100 parameters."""

_FIELDS = tuple(field.name for field in fields(Reconciliation))
_NAME = RECONCILIATIONS.name
_LAST_RUN = Statement(
    f"SELECT {', '.join(_FIELDS)} FROM {_NAME} WHERE ended_at = (SELECT MAX(ended_at) FROM {_NAME})"  # noqa: S608  # names of this package
)
_INSERT = Statement(
    # Harmless when it runs twice, as `Connections.run` may let it.
    f"INSERT INTO {_NAME} ({', '.join(column.name for column in RECONCILIATIONS.written)}) "  # noqa: S608  # names of this package
    f"SELECT {', '.join('?' * len(RECONCILIATIONS.written))} WHERE NOT EXISTS (SELECT 1 FROM {_NAME} WHERE id = ?)",
    (*(column.input_size for column in RECONCILIATIONS.written), RECONCILIATIONS.columns["id"].input_size),
)


class ReconciliationTables:
    """The database's side of `image_metadata.reconcile_timer`.

    Every method raises TransientDatabaseError when the database does not answer.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def last_run(self) -> Reconciliation | None:
        """The run that ended last; None before the first."""
        rows = self._connections.rows(_LAST_RUN)
        return _run(rows[0]) if rows else None

    def with_row(self, upload_ids: Sequence[str]) -> set[str]:
        """Those of these uploads that have a row."""
        return self._known("upload_id", upload_ids)

    def blobs_with_row(self, blob_ids: Sequence[str]) -> set[str]:
        """Those of these blobs of which any state has a row."""
        return self._known("blob_id", blob_ids)

    def record(self, run: Reconciliation) -> None:
        """Insert the row of one run."""
        run_id = uuid.uuid4().hex
        self._connections.run(_INSERT, [*RECONCILIATIONS.parameters({"id": run_id, **asdict(run)}), run_id])

    def _known(self, column: str, keys: Sequence[str]) -> set[str]:
        known: set[str] = set()
        for start in range(0, len(keys), _LOOK_UP):
            batch = keys[start : start + _LOOK_UP]
            rows = self._connections.rows(_look_up(column, len(batch)), [*batch] * len(UPLOAD_TABLES))
            known.update(str(key) for (key,) in rows)
        return known


def reconciliation_tables() -> ReconciliationTables:
    """The tables that the settings name.

    Raises:
        SettingError: the connection string is absent or malformed.
    """
    return ReconciliationTables(app_connections())


def _look_up(column: str, keys: int) -> Statement:
    marks = ", ".join("?" * keys)
    selects = (f"SELECT {column} FROM {table.name} WHERE {column} IN ({marks})" for table in UPLOAD_TABLES)  # noqa: S608  # names of this package
    sizes = (IMAGE_METADATA.columns[column].input_size,) * keys * len(UPLOAD_TABLES)
    return Statement(" UNION ALL ".join(selects), sizes)


def _run(row: Sequence[SqlValue]) -> Reconciliation:
    """SQL Server returns times and bits as such, SQLite as they were stored."""
    values = {name: _iso(value) for name, value in zip(_FIELDS, row, strict=True)}
    return Reconciliation(**{**values, "complete": bool(values["complete"])})  # type: ignore[arg-type]  # the columns' types


def _iso(value: object) -> object:
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value
