"""Uploads that no event announced: the timer finds them, also when the host was killed while it did."""

from contextlib import suppress
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from tests.faults.world import World
from tests.support.images import image
from tests.support.intakes import Intake
from tests.support.pipeline import wait_until

NAMES = {f"{number}.png" for number in range(6)}
pytestmark = pytest.mark.parametrize("intake", [Intake.NONE])


def upload_all(world: World) -> None:
    for name in NAMES:
        world.pipeline.container.upload_blob(name, image())


def reconcile(world: World) -> None:
    url = f"http://127.0.0.1:{world.pipeline.port}/admin/functions/ReconcileTimer"
    # The host may be killed before it answers.
    with suppress(URLError, ConnectionError):
        urlopen(Request(url, b'{"input": ""}'), timeout=30).close()  # our own address


def runs(world: World) -> list[tuple[int, int]]:
    """Blobs and starts of each reconciliation that recorded its end."""
    return [(run["blobs"], run["started"]) for run in world.pipeline.rows("Reconciliations", order="began_at")]


def test_dropped_events_cost_no_row_and_a_second_run_starts_nothing(world: World):
    upload_all(world)
    reconcile(world)
    world.pipeline.wait_for(rows=len(NAMES))
    wait_until(lambda: len(runs(world)) == 1, "the run has its row", world.pipeline)
    world.settle()
    reconcile(world)
    wait_until(lambda: len(runs(world)) == 2, "the second run has its row", world.pipeline)
    assert runs(world) == [(6, 6), (6, 0)]


def test_killed_in_the_middle_of_a_reconciliation_the_next_one_completes_it(world: World):
    upload_all(world)
    world.kill_at("in the middle of a reconciliation")
    reconcile(world)
    world.restart_when_killed()
    assert runs(world) == []
    reconcile(world)
    world.pipeline.wait_for(rows=len(NAMES))
    world.settle()
    assert {row["file_name"] for row in world.pipeline.rows()} == NAMES
    assert len(world.pipeline.rows()) == len(NAMES)
