"""One connection per thread, reused, tested when idle, closed when broken and after a minute without use."""

import builtins
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pyodbc
import pytest

from image_metadata.database.columns import Statement
from image_metadata.database.connections import Connections, StatementFailedError, connect
from image_metadata.errors import TransientDatabaseError
from image_metadata.model import RejectionReason, StoredRow
from image_metadata.store_metadata import store
from tests.image_metadata.database import tds
from tests.image_metadata.database.outcomes import metadata, upload
from tests.support.databases import Database

OPEN_FILES = Path("/proc/self/fd")
ONE = Statement("SELECT 1", ())


class RecordedConnections:
    """Opens real connections and keeps them in sight."""

    def __init__(self) -> None:
        self.opened: list[pyodbc.Connection] = []

    def __call__(self, *arguments: str, **options: int) -> pyodbc.Connection:
        self.opened.append(pyodbc.connect(*arguments, **options))
        return self.opened[-1]

    @property
    def still_open(self) -> int:
        return sum(not connection.closed for connection in self.opened)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def open_connection() -> RecordedConnections:
    return RecordedConnections()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pool(sqlite: Database, open_connection: RecordedConnections, clock: Clock) -> Iterator[Connections]:
    with closing(Connections(sqlite.settings, open_connection=open_connection, clock=clock)) as pool:
        yield pool


def run_in_thread(pool: Connections) -> None:
    thread = threading.Thread(target=pool.run, args=(ONE, ()))
    thread.start()
    thread.join()


def test_a_thread_reuses_its_connection(pool: Connections, open_connection: RecordedConnections):
    for number in range(5):
        store(metadata(upload(f"{number}.jpg")), pool)
    assert len(open_connection.opened) == 1


def test_two_threads_at_once_have_a_connection_each(sqlite: Database, open_connection: RecordedConnections):
    both_connected = threading.Barrier(2, timeout=10)

    def run_twice(_: int) -> None:
        pool.run(ONE, ())
        both_connected.wait()
        pool.run(ONE, ())

    with (
        closing(Connections(sqlite.settings, open_connection=open_connection)) as pool,
        ThreadPoolExecutor(2) as threads,
    ):
        list(threads.map(run_twice, range(2)))
    assert len(open_connection.opened) == 2


def test_a_connection_is_closed_after_a_minute_without_use(
    pool: Connections, open_connection: RecordedConnections, clock: Clock
):
    pool.run(ONE, ())
    clock.now += 59
    pool.close_unused()
    assert open_connection.still_open == 1
    clock.now += 1
    pool.close_unused()
    assert open_connection.still_open == 0


def test_each_connection_has_a_minute_of_its_own(pool: Connections, open_connection: RecordedConnections, clock: Clock):
    run_in_thread(pool)
    clock.now += 40
    pool.run(ONE, ())
    clock.now += 20
    pool.close_unused()
    assert [connection.closed for connection in open_connection.opened] == [True, False]


def test_the_timer_closes_connections_of_idle_threads_by_itself(sqlite: Database, open_connection: RecordedConnections):
    with closing(Connections(sqlite.settings, open_connection=open_connection, close_after=0.2)) as pool:
        pool.run(ONE, ())
        assert open_connection.still_open == 1
        deadline = time.monotonic() + 10
        while open_connection.still_open and time.monotonic() < deadline:
            time.sleep(0.02)
    assert open_connection.still_open == 0


def test_a_connection_is_not_closed_while_it_runs_a_statement(sqlite: Database, open_connection: RecordedConnections):
    ticks = count()
    with closing(
        Connections(sqlite.settings, open_connection=open_connection, clock=lambda: next(ticks) * 1_000)
    ) as pool:
        closer = threading.Timer(0.1, pool.close_unused)
        closer.start()
        steps = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT MAX(i) FROM n"
        assert pool.run(Statement(steps, ()), ()) == 3_000_000
        closer.join()


def test_a_connection_is_closed_after_an_error(pool: Connections, open_connection: RecordedConnections):
    with pytest.raises(StatementFailedError):
        pool.run(Statement("SELECT nothing FROM nowhere", ()), ())
    assert open_connection.still_open == 0


class WithoutCursor:
    """A connection that is lost as soon as it is open."""

    def __init__(self, connection: pyodbc.Connection) -> None:
        self.close = connection.close

    def cursor(self) -> pyodbc.Cursor:
        raise pyodbc.OperationalError("08S01", "[08S01] lost (0) (SQLAllocHandle)")


class WithoutTimeout:
    """A connection that is lost before its time limit is set."""

    def __init__(self, connection: pyodbc.Connection) -> None:
        self.__dict__["close"] = connection.close

    def __setattr__(self, name: str, value: object) -> None:
        raise pyodbc.OperationalError("08S01", "[08S01] lost (0) (SQLSetConnectAttr)")


@pytest.mark.parametrize("lost", [WithoutCursor, WithoutTimeout])
def test_a_connection_that_is_lost_as_soon_as_it_is_open_is_closed_and_retried(
    sqlite: Database, open_connection: RecordedConnections, lost: Callable[[pyodbc.Connection], Any]
):
    def open_and_lose(*arguments: str, **options: int) -> Any:
        return lost(open_connection(*arguments, **options))

    with (
        closing(Connections(sqlite.settings, open_connection=open_and_lose)) as pool,
        pytest.raises(TransientDatabaseError, match="the connection to the database was lost"),
    ):
        pool.run(ONE, ())
    assert (len(open_connection.opened), open_connection.still_open) == (1, 0)


def test_sessions_end_when_their_connection_is_closed(pool: Connections):
    pool.run(ONE, ())
    assert pyodbc.pooling is False


@pytest.mark.skipif(not OPEN_FILES.exists(), reason="only Linux lists the open files of a process")
def test_a_closed_connection_keeps_no_file_open(sqlite: Database, open_connection: RecordedConnections):
    with closing(Connections(sqlite.settings, open_connection=open_connection)) as pool:
        store(metadata(upload("a.jpg")), pool)
    database = sqlite.settings.connection_string.partition("Database=")[2].partition(";")[0]
    assert database not in {str(file.readlink()) for file in OPEN_FILES.iterdir() if file.exists()}


def answering_inserts(kind: int, payload: bytes) -> bytes | None:
    """A server that takes every row."""
    if kind == tds.RPC and tds.procedure(payload) in {tds.PREPARE_AND_EXECUTE, tds.EXECUTE}:
        return tds.executed()
    return tds.ready(kind, payload)


def test_a_connection_that_died_in_use_costs_one_reconnect():
    with tds.serving(answering_inserts) as server, closing(Connections(tds.settings(server.port))) as pool:
        store(metadata(), pool)
        server.cut()
        assert store(metadata(upload("next.jpg")), pool).kind == "metadata"
        assert server.logins == 2


def test_an_idle_connection_that_still_answers_is_kept(
    pool: Connections, open_connection: RecordedConnections, clock: Clock
):
    pool.run(ONE, ())
    clock.now += 30
    pool.run(ONE, ())
    assert len(open_connection.opened) == 1


def test_a_connection_that_died_while_idle_costs_one_reconnect(clock: Clock):
    with tds.serving(answering_inserts) as server, closing(Connections(tds.settings(server.port), clock=clock)) as pool:
        store(metadata(), pool)
        server.cut()
        clock.now += 30
        assert store(metadata(upload("next.jpg")), pool).kind == "metadata"
        assert server.logins == 2


def losing_the_insert(found: bytes) -> tds.Answer:
    """A server whose connection is lost during the INSERT; ``found`` answers the look-up afterwards."""

    def answer(kind: int, payload: bytes) -> bytes | None:
        if kind != tds.RPC or tds.procedure(payload) != tds.PREPARE_AND_EXECUTE:
            return tds.ready(kind, payload)
        return None if "INSERT".encode("utf-16-le") in payload else found

    return answer


def test_a_connection_lost_during_the_insert_is_an_error_when_no_row_is_there():
    with (
        tds.serving(losing_the_insert(tds.selected_texts())) as server,
        closing(Connections(tds.settings(server.port))) as pool,
        pytest.raises(TransientDatabaseError, match="the connection to the database was lost"),
    ):
        store(metadata(), pool)


def test_a_lost_commit_is_settled_by_looking_the_row_up():
    with (
        tds.serving(losing_the_insert(tds.selected_texts("rejection", "corrupt"))) as server,
        closing(Connections(tds.settings(server.port))) as pool,
    ):
        stored = store(metadata(), pool)
    assert stored == StoredRow(kind="rejection", upload_id=upload().id, reason=RejectionReason.CORRUPT)


def test_a_row_costs_one_round_trip_and_its_statement_is_the_same_for_all_rows():
    with tds.serving(answering_inserts) as server, closing(Connections(tds.settings(server.port))) as pool:
        store(metadata(), pool)
        requests = len(server.requests)
        store(metadata(upload("a much longer name.png"), format="PNG", camera_make="Make", latitude=1.5), pool)
        store(metadata(upload("b")), pool)
        sent = [payload for _, payload in server.requests[requests:]]
    declared = {
        payload[payload.index("@P1 ".encode("utf-16-le")) :].partition("WHERE".encode("utf-16-le"))[0]
        for payload in sent
    }
    assert (len(sent), len(declared)) == (2, 1)


def test_without_the_driver_manager_the_sentence_says_what_to_install(sqlite: Database, monkeypatch):
    real_import = builtins.__import__

    def without_libodbc(name: str, *arguments: object) -> object:
        if name == "pyodbc":
            raise ImportError("libodbc.so.2: cannot open shared object file: No such file or directory")
        return real_import(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without_libodbc)
    with pytest.raises(TransientDatabaseError, match=r"pyodbc cannot be loaded \(libodbc.so.2: .*\); install unixODBC"):
        connect(sqlite.settings)
