"""The relay in front of storage counts what goes through it, and only delays it."""

import socket
import threading
import time
from contextlib import closing

import pytest

from benchmarks.relay import Relay

pytestmark = pytest.mark.live


@pytest.fixture
def echo():
    """The port of a server that sends back what it gets."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve():
            connection, _ = server.accept()
            with connection:
                while data := connection.recv(65536):
                    connection.sendall(data)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def sent_and_received(port, *pieces):
    with socket.create_connection(("127.0.0.1", port)) as client:
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.02)
        client.shutdown(socket.SHUT_WR)
        with client.makefile("rb") as answer:
            return answer.read()


def test_it_counts_the_bytes_of_both_directions(echo):
    with Relay(echo) as relay:
        assert sent_and_received(relay.port, b"x" * 100_000) == b"x" * 100_000
        assert relay.bytes == 200_000


def test_it_finds_a_pattern_that_arrives_in_two_pieces(echo):
    with Relay(echo, pattern=b"<Empty/>") as relay:
        sent_and_received(relay.port, b"<Empty/><Em", b"pty/>")
        assert relay.matches == 4


def test_a_round_trip_takes_its_delay(echo):
    with Relay(echo, round_trip=0.2) as relay:
        started = time.monotonic()
        assert sent_and_received(relay.port, b"a") == b"a"
        assert time.monotonic() - started >= 0.2
