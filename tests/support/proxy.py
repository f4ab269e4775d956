"""A TCP proxy before Azurite that cuts, delays, garbles, throttles or refuses what comes through it, by its seed."""

import random
import selectors
import socket
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

CHUNK = 64 * 1024
_BUSY = b"HTTP/1.1 503 Server Busy\r\nx-ms-error-code: ServerBusy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Kind(StrEnum):
    CUT = "cut in the middle of the answer"
    DELAY = "delayed"
    GARBLE = "one byte of the body garbled"
    BUSY = "throttled with 503"
    REFUSE = "closed before the answer"


@dataclass(frozen=True)
class Fault:
    """Hits the next ``times`` requests in whose head ``request`` stands; a delay takes ``seconds``."""

    kind: Kind
    request: bytes = b""
    times: int = 1
    seconds: float = 2.0


@dataclass
class Proxy:
    """Forwards 127.0.0.1:``port`` to the target port; ``hits`` counts the faults that occurred."""

    target: int
    seed: int
    hits: int = 0
    port: int = 0
    _faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _listener: socket.socket = field(default_factory=socket.socket)

    def __enter__(self) -> Self:
        self._random = random.Random(self.seed)  # noqa: S311  # repeatable, not secret
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def inject(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def heal(self) -> None:
        with self._lock:
            self._faults.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.target))
        with closing(client), closing(server), suppress(OSError), selectors.DefaultSelector() as selector:
            for side in (client, server):
                selector.register(side, selectors.EVENT_READ)
            fault: Fault | None = None
            while True:
                readable = {key.fileobj for key, _ in selector.select()}
                if client in readable:
                    data = client.recv(CHUNK)
                    fault = self._strike(data) or fault
                    if not data or self._ends_at_once(fault, client):
                        return
                    server.sendall(data)
                if server in readable:
                    data = server.recv(CHUNK)
                    if not data or not self._answer(client, data, fault):
                        return
                    fault = None

    def _strike(self, data: bytes) -> Fault | None:
        line = data.partition(b"\r\n")[0]
        if not line.endswith(b"HTTP/1.1"):
            return None
        with self._lock:
            for place, fault in enumerate(self._faults):
                if fault.request in data:
                    self.hits += 1
                    self._faults[place : place + 1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    return fault
        return None

    def _ends_at_once(self, fault: Fault | None, client: socket.socket) -> bool:
        if fault and fault.kind is Kind.BUSY:
            client.sendall(_BUSY)
        return fault is not None and fault.kind in {Kind.BUSY, Kind.REFUSE}

    def _answer(self, client: socket.socket, data: bytes, fault: Fault | None) -> bool:
        """Pass the first piece of an answer on as the fault has it; False ends the connection."""
        if fault and fault.kind is Kind.CUT:
            client.sendall(data[: self._random.randrange(1, len(data))])
            return False
        if fault and fault.kind is Kind.DELAY:
            time.sleep(fault.seconds)
        client.sendall(self._garbled(data) if fault and fault.kind is Kind.GARBLE else data)
        return True

    def _garbled(self, data: bytes) -> bytes:
        """Headers carry no checksum, so only TLS protects them: a byte of the body is flipped."""
        body = data.find(b"\r\n\r\n") + 4
        if body >= len(data):
            return data
        place = self._random.randrange(body, len(data))
        return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
