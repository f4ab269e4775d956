"""A database that does not answer holds up one thread of a process and no more."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, suppress

import pytest

from image_metadata.database.connect_gate import ConnectGate
from image_metadata.database.connections import Connections
from image_metadata.errors import TransientDatabaseError
from image_metadata.store_metadata import store
from tests.image_metadata.database import tds
from tests.image_metadata.database.outcomes import metadata


@pytest.mark.live
def test_twenty_extractions_finish_in_three_slots_while_stores_wait_for_a_database_that_swallows_packets():
    with (
        ThreadPoolExecutor(3) as slots,
        socket.create_server(("127.0.0.1", 0)) as black_hole,
        closing(Connections(tds.settings(black_hole.getsockname()[1], connect_timeout=60))) as connections,
    ):

        def try_to_store() -> None:
            with suppress(TransientDatabaseError):
                store(metadata(), connections)

        extractions = []
        for _ in range(20):
            slots.submit(try_to_store)
            extractions.append(slots.submit(lambda: None))
        assert wait(extractions, timeout=30).not_done == set()


def test_a_thread_behind_one_that_waits_too_long_fails_at_once():
    now = 0.0
    gate = ConnectGate(wait_limit=5, clock=lambda: now)
    with gate:
        now = 5.0
        with (
            ThreadPoolExecutor(1) as threads,
            pytest.raises(TransientDatabaseError, match="for over 5 s; it is retried"),
        ):
            threads.submit(gate.__enter__).result()


def test_a_thread_behind_one_that_connects_soon_connects_next():
    gate = ConnectGate(wait_limit=60)
    entered = threading.Event()

    def enter() -> None:
        with gate:
            entered.set()

    with ThreadPoolExecutor(1) as threads:
        with gate:
            second = threads.submit(enter)
            assert not entered.wait(0.1)
        second.result(timeout=10)


def test_the_next_thread_may_connect_after_one_that_failed():
    gate = ConnectGate()
    with pytest.raises(OSError, match="refused"), gate:
        raise OSError("refused")
    with gate:
        pass
