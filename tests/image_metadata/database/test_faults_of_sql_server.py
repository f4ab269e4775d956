"""What Microsoft's driver reports, class by class: one sentence each, no attempt hangs, no secret is repeated."""

import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing

import pyodbc
import pytest

from image_metadata.database.connections import Connections, StatementFailedError, connect
from image_metadata.errors import TransientDatabaseError
from image_metadata.settings import SqlSettings
from image_metadata.store_metadata import store
from tests.image_metadata.database import tds
from tests.image_metadata.database.outcomes import metadata

PASSES = "Azure SQL is paused, failing over or at its limit; wait"

# Number, the server's text, the beginning of our sentence.
AT_LOGIN = [
    (18456, "Login failed for user 'app'.", "the database refused the login; check user and password, or identity"),
    (4060, "Cannot open database 'images'.", "the database cannot be opened: failing over, misnamed or forbidden"),
    (40615, "Client with IP address '…' is not allowed.", "the firewall of Azure SQL refuses this app's address"),
    *((number, "Not currently available.", PASSES) for number in (40613, 40197, 40501, 40143, 4221, 10928, 10929)),
    *((number, "Cannot process request.", PASSES) for number in (49918, 49919, 49920)),
]

AT_STATEMENT = [
    (
        208,
        "Invalid object name 'ImageMetadata'.",
        "lacks a table or column of this app; run `python -m imagectl schema`",
    ),
    (207, "Invalid column name 'lens_model'.", "lacks a table or column of this app; run `python -m imagectl schema`"),
    (229, "The INSERT permission was denied.", "the database user lacks a permission; run sql/least-privilege.sql"),
    (
        262,
        "CREATE TABLE permission denied.",
        "the database user may not create or alter tables; run `python -m imagectl",
    ),
    (
        5074,
        "The object 'PK' is dependent on column 'file_name'.",
        "an index, default or constraint depends on a column",
    ),
    (
        8152,
        "String or binary data would be truncated.",
        "a text is longer than its column; run `python -m imagectl schema`",
    ),
    (
        2628,
        "String or binary data would be truncated.",
        "a text is longer than its column; run `python -m imagectl schema`",
    ),
    (8115, "Arithmetic overflow error.", "a value does not fit its column's type; compare the table"),
    (241, "Conversion failed.", "a value does not fit its column's type; compare the table"),
    (515, "Cannot insert the value NULL.", "a constraint of the table refuses the row; compare the table"),
    (1205, "Chosen as the deadlock victim.", "the database ended a deadlock by refusing this statement; it is retried"),
    (3906, "The database is read-only.", "the database is read-only: a secondary after a failover"),
    (9002, "The transaction log is full.", "the database or its log is full; free some space"),
    (40544, "The database has reached its size quota.", "the database or its log is full; free some space"),
    (596, "The session is in the kill state.", "the connection to the database was lost"),
    (40501, "The service is busy.", PASSES),
    (50_000, "Something new.", "the database refused the statement; read what it says"),
]


def ids(case: object) -> str | None:
    return str(case) if isinstance(case, int) else ""


def refusing(number: int, text: str) -> tds.Answer:
    """Answers every statement with the error; a later look-up has no row either."""

    def answer(kind: int, payload: bytes) -> bytes:
        is_statement = kind == tds.RPC and tds.procedure(payload) == tds.PREPARE_AND_EXECUTE
        return tds.error(number, text) if is_statement else tds.ready(kind, payload)

    return answer


@pytest.mark.parametrize(("number", "text", "sentence"), AT_LOGIN, ids=ids)
def test_a_refused_login_says_what_to_do(number: int, text: str, sentence: str):
    message = rf"^{re.escape(sentence)}.* \(\[\w{{5}}\] .*\({number}\)"
    with (
        tds.serving(lambda *_: tds.error(number, text)) as server,
        pytest.raises(TransientDatabaseError, match=message),
    ):
        connect(tds.settings(server.port))


@pytest.mark.parametrize(("number", "text", "sentence"), AT_STATEMENT, ids=ids)
def test_a_refused_statement_says_what_to_do(number: int, text: str, sentence: str):
    message = rf"{re.escape(sentence)}.* \(\[\w{{5}}\] .*\({number}\)"
    with (
        tds.serving(refusing(number, text)) as server,
        closing(Connections(tds.settings(server.port))) as connections,
        pytest.raises(TransientDatabaseError, match=message),
    ):
        store(metadata(), connections)


def test_a_duplicate_key_without_a_row_is_an_error_after_the_look_up():
    with tds.serving(refusing(2601, "Cannot insert duplicate key row.")) as server:
        with closing(Connections(tds.settings(server.port))) as connections, pytest.raises(StatementFailedError):
            store(metadata(), connections)
        looked_up = [payload for kind, payload in server.requests if "UNION ALL".encode("utf-16-le") in payload]
    assert looked_up


def attempt(settings: SqlSettings) -> tuple[str, float]:
    """The error of one attempt to store, and how many seconds it took."""
    start = time.monotonic()
    with closing(Connections(settings)) as connections, pytest.raises(TransientDatabaseError) as error:
        store(metadata(), connections)
    return str(error.value), time.monotonic() - start


def test_a_port_that_nothing_listens_on_fails_within_the_time_limit():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    sentence, seconds = attempt(tds.settings(port, connect_timeout=1))
    assert "no database answered within SqlConnectTimeoutSeconds; check the server name" in sentence
    assert seconds < 5


def test_a_server_that_accepts_and_never_answers_costs_the_connect_time_limit():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sentence, seconds = attempt(tds.settings(listener.getsockname()[1], connect_timeout=1))
    assert "no database answered within SqlConnectTimeoutSeconds" in sentence
    assert seconds < 5


def test_a_server_that_takes_a_statement_and_never_answers_costs_the_statement_time_limit():
    over = threading.Event()

    def silent(kind: int, payload: bytes) -> bytes | None:
        if kind == tds.RPC and tds.procedure(payload) == tds.PREPARE_AND_EXECUTE:
            over.wait(30)
            return None
        return tds.ready(kind, payload)

    with tds.serving(silent) as server:
        sentence, seconds = attempt(tds.settings(server.port, statement_timeout=1))
        over.set()
    assert "the database took longer than SqlStatementTimeoutSeconds; look for what blocks it" in sentence
    assert seconds < 20


@pytest.mark.parametrize(
    ("connection_string", "sentence"),
    [
        (
            "Driver=No Such Driver;Server=x",
            "expected SqlConnectionString to name an ODBC driver, found No Such Driver, which cannot be loaded",
        ),
        ("Server=x;Database=y", "SqlConnectionString is not a complete ODBC connection string; it needs Driver"),
        (f"Driver={{{tds.driver_path()}}};Database=y", "SqlConnectionString is not a complete ODBC connection string"),
    ],
    ids=["driver not installed", "no driver named", "no server named"],
)
def test_a_wrong_connection_string_says_what_is_wrong(connection_string: str, sentence: str):
    with pytest.raises(TransientDatabaseError, match=f"^{re.escape(sentence)}"):
        connect(SqlSettings(connection_string, connect_timeout=1))


def injected(error: pyodbc.Error) -> Callable[..., pyodbc.Connection]:
    def open_connection(*_: str, **__: int) -> pyodbc.Connection:
        raise error

    return open_connection


def test_injected_an_untrusted_certificate():
    text = "[08001] [Microsoft][ODBC Driver 18 for SQL Server]SSL Provider: [error:0A000086:SSL routines::certificate "
    error = pyodbc.OperationalError("08001", text + "verify failed:self-signed certificate] (-1) (SQLDriverConnect)")
    with pytest.raises(TransientDatabaseError, match="the server's certificate is not trusted; install its authority"):
        connect(tds.settings(1), injected(error))


@pytest.mark.parametrize("number", [20, 64, 233, 10054])
def test_injected_a_connection_lost_below_tds(number: int):
    text = f"[HY000] [Microsoft][ODBC Driver 18 for SQL Server]TCP Provider: lost ({number}) (SQLDriverConnect)"
    with pytest.raises(TransientDatabaseError, match="the connection to the database was lost; it is retried"):
        connect(tds.settings(1), injected(pyodbc.Error("HY000", text)))


def test_injected_a_dead_connection_that_the_driver_could_not_resume():
    text = (
        "[IMC06] [Microsoft][ODBC Driver 18 for SQL Server]The connection is broken and recovery is not possible. (0)"
    )
    with pytest.raises(TransientDatabaseError, match="the connection to the database was lost; it is retried"):
        connect(tds.settings(1), injected(pyodbc.Error("IMC06", f"{text} (SQLExecute)")))


@pytest.mark.parametrize("echo", [tds.PASSWORD, tds.QUOTED_PASSWORD, tds.settings(1).connection_string])
def test_no_password_and_no_connection_string_is_repeated(echo: str):
    settings = tds.settings(1)
    error = pyodbc.OperationalError("08001", f"[08001] [Driver]cannot use {echo} here (0) (SQLDriverConnect)")
    with pytest.raises(TransientDatabaseError, match=r"cannot use \*\*\* here") as raised:
        connect(settings, injected(error))
    assert "Wd" not in str(raised.value) + repr(raised.value)
    assert "Wd" not in repr(settings)
