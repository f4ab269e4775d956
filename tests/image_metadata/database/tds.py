"""As much of a SQL Server as a driver needs to log in and to receive an error (MS-TDS).

It understands no SQL: it answers each request as the test says, and records what the driver sent.
"""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import mssql_python_odbc
import pytest

from image_metadata.database.tables import SCHEMA_VERSION
from image_metadata.settings import SqlSettings

PRELOGIN, LOGIN, BATCH, RPC, ATTENTION = 0x12, 0x10, 0x01, 0x03, 0x06
PREPARE_AND_EXECUTE, EXECUTE = 13, 12

PASSWORD, QUOTED_PASSWORD = "p};Wd", "{p}};Wd}"

Answer = Callable[[int, bytes], bytes | None]
"""What to send for a request (packet type, payload): bytes, or None for a closed connection."""


def driver_path() -> Path:
    libraries = Path(mssql_python_odbc.get_libs_dir()) / "linux" / "debian_ubuntu"
    found = list(libraries.glob("*/lib/libmsodbcsql-*"))
    if not found:
        pytest.skip("mssql-python-odbc carries no driver for this system", allow_module_level=True)
    return found[0]


def settings(port: int, connect_timeout: int = 10, statement_timeout: int = 10) -> SqlSettings:
    """Microsoft's driver towards a port of this machine."""
    connection_string = (
        f"Driver={{{driver_path()}}};Server=tcp:127.0.0.1,{port};Database=images;UID=app;PWD={QUOTED_PASSWORD};"
        "Encrypt=no;ConnectRetryCount=0"
    )
    return SqlSettings(connection_string, connect_timeout, statement_timeout)


def error(number: int, text: str, severity: int = 16) -> bytes:
    """An error, and the end of the answer."""
    body = (
        struct.pack("<IBB", number, 1, severity) + _long_text(text) + _text("server") + _text("") + struct.pack("<I", 1)
    )
    return b"\xaa" + struct.pack("<H", len(body)) + body + _done(status=2)


def ok(rows: int = 0) -> bytes:
    return _done(status=0x10, rows=rows)


def executed(rows: int = 1, handle: int = 1) -> bytes:
    """The answer to sp_prepexec and sp_execute: how many rows, and the handle of the prepared statement."""
    returned = struct.pack("<H", 0) + _text("") + struct.pack("<BIHBBBI", 1, 0, 0, 0x26, 4, 4, handle)
    in_procedure = b"\xff" + struct.pack("<HHQ", 0x11, 0xC3, rows)
    return (
        in_procedure + b"\x79" + struct.pack("<i", 0) + b"\xac" + returned + b"\xfe" + struct.pack("<HHQ", 0, 0xE0, 0)
    )


def selected(number: int) -> bytes:
    """One row with one INT column."""
    column = b"\x81" + struct.pack("<HIHBB", 1, 0, 1, 0x26, 4) + _text("number")
    return column + b"\xd1" + struct.pack("<Bi", 4, number) + _done(status=0x10, rows=1)


def selected_texts(*row: str) -> bytes:
    """The answer to sp_prepexec of a SELECT of two texts: one row, or none."""
    column = struct.pack("<IHBH", 0, 1, 0xE7, 80) + bytes.fromhex("0904d00034") + _text("")
    names = b"\x81" + struct.pack("<H", 2) + column * 2
    values = b"\xd1" + b"".join(_long_bytes(text) for text in row) if row else b""
    return names + values + executed(rows=int(bool(row)))


def ready(kind: int, payload: bytes) -> bytes:
    """Logs everyone in, has the newest schema, and does nothing else."""
    if kind == LOGIN:
        return logged_in()
    is_version_query = kind == BATCH and "MAX(version)".encode("utf-16-le") in payload
    return selected(SCHEMA_VERSION) if is_version_query else ok()


def logged_in() -> bytes:
    program = b"\x01" + bytes.fromhex("74000004") + _text("Microsoft SQL Server") + bytes([16, 0, 0x0F, 0xA0])
    database = b"\x01" + _text("images") + _text("master")
    size = b"\x04" + _text("4096") + _text("4096")
    changes = b"".join(b"\xe3" + struct.pack("<H", len(change)) + change for change in (database, size))
    return changes + b"\xad" + struct.pack("<H", len(program)) + program + _done()


def token_required() -> bytes:
    """Asks the driver for an access token (FEDAUTHINFO), instead of logging it in."""
    sign_in, resource = (
        text.encode("utf-16-le") for text in ("https://login.invalid", "https://database.windows.net/")
    )
    first = 4 + 2 * 9
    entries = struct.pack("<BIIBII", 1, len(sign_in), first, 2, len(resource), first + len(sign_in))
    body = struct.pack("<I", 2) + entries + sign_in + resource
    return b"\xee" + struct.pack("<I", len(body)) + body


class Server:
    """Answers every connection by the same function and records the requests."""

    def __init__(self, answer: Answer) -> None:
        self.requests: list[tuple[int, bytes]] = []
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def logins(self) -> int:
        return sum(kind == LOGIN for kind, _ in self.requests)

    def cut(self) -> None:
        """Close every connection, as a failover does."""
        while self._open:
            with suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError, EOFError):
            while True:
                kind, payload = _request(client)
                self.requests.append((kind, payload))
                answer = _PRELOGIN_ANSWER if kind == PRELOGIN else self._answer(kind, payload)
                if answer is None:
                    return
                client.sendall(struct.pack(">BBHHBB", 4, 1, len(answer) + 8, 0, 1, 0) + answer)


@contextmanager
def serving(answer: Answer) -> Iterator[Server]:
    server = Server(answer)
    try:
        yield server
    finally:
        server.close()


def procedure(payload: bytes) -> int:
    """The number of the system procedure that an RPC request calls; 0 when it is called by name."""
    headers = struct.unpack_from("<I", payload)[0]
    marker, number = struct.unpack_from("<HH", payload, headers)
    return int(number) if marker == 0xFFFF else 0


_VERSION, _ENCRYPTION = bytes([16, 0, 0x0F, 0xA0, 0, 0]), b"\x02"
_PRELOGIN_ANSWER = struct.pack(">BHHBHHB", 0, 11, 6, 1, 17, 1, 0xFF) + _VERSION + _ENCRYPTION


def _request(client: socket.socket) -> tuple[int, bytes]:
    payload, last = b"", False
    kind = 0
    while not last:
        kind, status, length = struct.unpack(">BBH4x", _exactly(client, 8))
        payload += _exactly(client, length - 8)
        last = bool(status & 1)
    return kind, payload


def _exactly(client: socket.socket, count: int) -> bytes:
    data = client.recv(count, socket.MSG_WAITALL)
    if len(data) < count:
        raise EOFError
    return data


def _done(status: int = 0, rows: int = 0) -> bytes:
    return b"\xfd" + struct.pack("<HHQ", status, 0, rows)


def _text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode("utf-16-le")


def _long_bytes(text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return struct.pack("<H", len(encoded)) + encoded


def _long_text(text: str) -> bytes:
    return struct.pack("<H", len(text)) + text.encode("utf-16-le")
