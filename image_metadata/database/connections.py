"""Connections to the database: one per worker thread, reused, tested when idle, closed when broken or unused."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from image_metadata import settings
from image_metadata.database.columns import SqlValue, Statement
from image_metadata.database.connect_gate import ConnectGate
from image_metadata.database.errors import is_connection_lost, transient_database_error
from image_metadata.database.sign_in import signed_in
from image_metadata.database.sqlite_file import for_driver
from image_metadata.database.statements import READ_SCHEMA_VERSION
from image_metadata.database.tables import SCHEMA_VERSION
from image_metadata.errors import TransientDatabaseError
from image_metadata.settings import SqlSettings
from image_metadata.text import printable

if TYPE_CHECKING:
    import pyodbc

_TEST_AFTER_SECONDS = 10
_TEST_SECONDS = 5
_CLOSE_AFTER_SECONDS = 60

OpenConnection = Callable[..., "pyodbc.Connection"]
"""``pyodbc.connect``, or what stands in for it."""

Rows = list[tuple[Any, ...]]


class StatementFailedError(TransientDatabaseError):
    """The statement was sent, and the database refused it or the connection was lost before the answer."""


class OldSchemaError(TransientDatabaseError):
    """The database has an older schema than this app needs."""


def connect(
    settings: SqlSettings, open_connection: OpenConnection | None = None, *, create: bool = True
) -> "pyodbc.Connection":
    """Open one connection with autocommit and the two time limits; ``create`` makes a SQLite file that is not there.

    Raises:
        TransientDatabaseError: it cannot be opened; the message says why and what to do.
    """
    pyodbc = driver()
    open_connection = open_connection or pyodbc.connect
    connection_string, options = signed_in(for_driver(settings.connection_string, create=create))
    try:
        connection = open_connection(connection_string, autocommit=True, timeout=settings.connect_timeout, **options)
        with _closed_on_error(connection):
            connection.timeout = settings.statement_timeout
    except pyodbc.Error as error:
        raise transient_database_error(error, settings.connection_string) from None
    return connection


@contextlib.contextmanager
def cursor(settings: SqlSettings) -> Iterator["pyodbc.Cursor"]:
    """A cursor on a connection of its own, for tools whose questions are far apart.

    Raises:
        TransientDatabaseError: the database cannot be reached, or refuses what is done with the cursor.
    """
    connection = connect(settings, create=False)
    try:
        session = _session(connection)
        try:
            yield session.cursor
        finally:
            session.close()
    except driver().Error as error:
        raise transient_database_error(error, settings.connection_string) from None


class Connections:
    """Runs statements, each on the connection of the thread that calls.

    Between two statements a connection is idle, and a timer closes it after a minute: an open idle session keeps a
    serverless Azure SQL database from pausing. A new connection is refused unless its database has the schema that
    this app needs.
    """

    def __init__(
        self,
        settings: SqlSettings,
        *,
        open_connection: OpenConnection | None = None,
        clock: Callable[[], float] = time.monotonic,
        close_after: float = _CLOSE_AFTER_SECONDS,
    ) -> None:
        self._settings = settings
        self._open_connection = open_connection
        self._clock = clock
        self._close_after = close_after
        self._gate = ConnectGate()
        self._idle: dict[int, _Session] = {}
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def run(self, statement: Statement, parameters: Sequence[SqlValue] = ()) -> int:
        """Run one statement: the first number that it selects, or how many rows it inserted.

        A connection that was lost while it was idle costs one reconnect, and the statement runs again, so a statement
        must be harmless when it runs twice.

        Raises:
            StatementFailedError: the database refused the statement, or the connection was lost during it.
            OldSchemaError: the database needs ``imagectl schema`` first.
            TransientDatabaseError: there is no connection.
        """
        rows, count = self._run(statement, parameters)
        return int(rows[0][0] or 0) if rows is not None else count

    def rows(self, statement: Statement, parameters: Sequence[SqlValue] = ()) -> Rows:
        """The rows that one SELECT gives; raises what ``run`` raises."""
        return self._run(statement, parameters)[0] or []

    def close_unused(self) -> None:
        """Close what no thread has used for a minute, and come back when the next one will be due."""
        with self._lock:
            oldest_use = self._clock() - self._close_after
            unused = [thread for thread, session in self._idle.items() if session.used_at <= oldest_use]
            closing = [self._idle.pop(thread) for thread in unused]
            self._timer = None
            if self._idle:
                self._wake_after(min(session.used_at for session in self._idle.values()) - oldest_use)
        for session in closing:
            session.close()

    def close(self) -> None:
        """Close what is idle now, whenever it was used."""
        with self._lock:
            closing, self._idle = self._idle, {}
            if self._timer:
                self._timer.cancel()
                self._timer = None
        for session in closing.values():
            session.close()

    def _run(self, statement: Statement, parameters: Sequence[SqlValue]) -> "_Result":
        session = self._take()
        if session:
            try:
                return self._run_on(session, statement, parameters)
            except driver().Error as error:
                if not is_connection_lost(error):
                    raise self._failed(error) from None
        session = self._open()
        try:
            return self._run_on(session, statement, parameters)
        except driver().Error as error:
            raise self._failed(error) from None

    def _failed(self, error: Exception) -> StatementFailedError:
        return StatementFailedError(str(transient_database_error(error, self._settings.connection_string)))

    def _open(self) -> "_Session":
        with self._gate:
            connection = connect(self._settings, self._open_connection, create=False)
            try:
                session = _session(connection)
                with _closed_on_error(session):
                    require_schema(session.run(READ_SCHEMA_VERSION, ())[0])
            except driver().Error as error:
                raise transient_database_error(error, self._settings.connection_string) from None
        return session

    def _run_on(self, session: "_Session", statement: Statement, parameters: Sequence[SqlValue]) -> "_Result":
        with _closed_on_error(session):
            result = session.run(statement, parameters)
        session.used_at = self._clock()
        with self._lock:
            self._idle[threading.get_ident()] = session
            if self._timer is None:
                self._wake_after(self._close_after)
        return result

    def _take(self) -> "_Session | None":
        """The idle connection of this thread, if it still answers."""
        with self._lock:
            session = self._idle.pop(threading.get_ident(), None)
        if session and self._clock() - session.used_at >= _TEST_AFTER_SECONDS and not session.answers():
            session.close()
            return None
        return session

    def _wake_after(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self.close_unused)
        self._timer.daemon = True
        self._timer.start()


@cache
def app_connections() -> Connections:
    """The connections that all functions of this process share.

    Raises:
        SettingError: the connection string is absent or malformed.
    """
    return Connections(settings.sql())


def require_schema(rows: Rows | None) -> None:
    """Refuse a schema that is older than the one that this app needs; ``rows`` are of READ_SCHEMA_VERSION.

    Raises:
        OldSchemaError: it is older.
    """
    version = (rows or [(None,)])[0][0] or 0
    if version < SCHEMA_VERSION:
        raise OldSchemaError(
            f"expected version {SCHEMA_VERSION} of the database's schema, found {version}; "
            "run `python -m imagectl schema`"
        )


_Result = tuple[Rows | None, int]
"""The rows of a SELECT, None for another statement; and how many rows were inserted."""


class _Session:
    """One connection with one cursor, which keeps the statement prepared from row to row."""

    def __init__(self, connection: "pyodbc.Connection") -> None:
        self.connection = connection
        self.cursor = connection.cursor()
        self.used_at = 0.0

    def run(self, statement: Statement, parameters: Sequence[SqlValue]) -> _Result:
        # Types are stated for SQL Server. pyodbc declares a text as long as its value is, so every row would be
        # a new statement to the server's plan cache. For a None it asks the server (SQLDescribeParam), which
        # cannot tell the type of a bare «SELECT ?»; pyodbc then falls back to VARCHAR, and these sizes replace
        # that. It asks once per prepared statement, hence the cursor that stays.
        self.cursor.setinputsizes(statement.input_sizes)
        self.cursor.execute(statement.text, *parameters)
        # All rows are fetched: a result that is left open would hold a lock.
        rows = [tuple(row) for row in self.cursor.fetchall()] if self.cursor.description else None
        return rows, self.cursor.rowcount

    def answers(self) -> bool:
        """Whether an idle connection still works; a network that swallows packets costs a few seconds."""
        usual = self.connection.timeout
        self.connection.timeout = _TEST_SECONDS
        try:
            with self.connection.cursor() as test:
                return bool(test.execute("SELECT 1").fetchval() == 1)
        except driver().Error:
            return False
        finally:
            self.connection.timeout = usual

    def close(self) -> None:
        # The cursor first: the SQLite driver keeps the file open for a statement that outlives its connection.
        for handle in (self.cursor, self.connection):
            with contextlib.suppress(driver().Error):
                handle.close()


def _session(connection: "pyodbc.Connection") -> _Session:
    with _closed_on_error(connection):
        return _Session(connection)


@contextlib.contextmanager
def _closed_on_error(handle: "_Session | pyodbc.Connection") -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(driver().Error):
            handle.close()
        raise


def driver() -> ModuleType:
    """The module ``pyodbc``.

    Raises:
        TransientDatabaseError: it or the driver manager that it needs is not installed.
    """
    try:
        import pyodbc  # noqa: PLC0415  # fails without the system's libodbc; only a store needs it
    except ImportError as error:
        raise TransientDatabaseError(
            f"pyodbc cannot be loaded ({printable(str(error))}); install unixODBC "
            "(Debian and Ubuntu: apt install unixodbc, macOS: brew install unixodbc)"
        ) from None
    # With its own pooling, the driver manager would keep a closed session open, and serverless databases awake.
    pyodbc.pooling = False
    module: ModuleType = pyodbc
    return module
