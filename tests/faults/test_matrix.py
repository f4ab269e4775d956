"""The fault matrix: what breaks, where, and what is there afterwards. The whole stack runs, and every fault is real.

Faults that neither SQLite nor Azurite can have are injected one level lower, in `tests/store`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.faults import breaking
from tests.faults.world import World
from tests.support.images import image
from tests.support.pipeline import wait_until
from tests.support.proxy import Fault, Kind

# How the app's own requests differ from those of the host, which reads the whole blob.
READ, ASK = b"x-ms-range-get-content-md5", b"HEAD /devstoreaccount1/image-input/"


@dataclass(frozen=True)
class Case:
    """One line of the matrix: what breaks before the upload, and what waits until it struck and mends it."""

    fault: str
    place: str
    breaks: Callable[[World], object]
    mends: Callable[[World], object]
    rows: int = 1

    def __str__(self) -> str:
        return f"{self.fault} | {self.place} | {self.rows} row"


def through_proxy(kind: Kind, request: bytes, times: int = 1) -> Callable[[World], object]:
    return lambda world: world.proxy.inject(Fault(kind, request, times))


def has_struck(world: World) -> None:
    wait_until(lambda: world.proxy.hits > 0, "the fault strikes", world.pipeline)


def kill_at(place: str) -> Callable[[World], object]:
    return lambda world: world.kill_at(place)


def mended_when_it_struck(said: str, mend: Callable[[World], None]) -> Callable[[World], object]:
    def mends(world: World) -> None:
        world.wait_in_log(said)
        mend(world)

    return mends


def killed_while_waiting_to_retry(world: World) -> None:
    world.wait_in_log(TABLE_MISSING)
    world.pipeline.kill()
    breaking.rename_table_back(world)
    world.pipeline.start()


TABLE_MISSING = "run `python -m imagectl schema`"
CANNOT_OPEN = "the SQLite database cannot be opened"

MATRIX = [
    *[Case("killed", place, kill_at(place), World.restart_when_killed) for place in breaking.PLACES],
    Case("killed", "while it waits to retry", breaking.rename_table, killed_while_waiting_to_retry),
    Case(
        "table missing",
        "insert",
        breaking.rename_table,
        mended_when_it_struck(TABLE_MISSING, breaking.rename_table_back),
    ),
    Case("database gone", "connect", breaking.hide, mended_when_it_struck(CANNOT_OPEN, breaking.bring_back)),
    *[
        Case(f"storage {kind}", place, through_proxy(kind, request), has_struck)
        for kind in Kind
        for place, request in (("entity tag", ASK), ("header", READ))
    ],
    Case("storage throttled with 503 five times", "header", through_proxy(Kind.BUSY, READ, times=5), has_struck),
]


@pytest.mark.parametrize("case", MATRIX, ids=str)
def test_after_the_fault_there_is_one_row(world: World, case: Case):
    case.breaks(world)
    world.pipeline.container.upload_blob("a.png", image())
    case.mends(world)
    world.pipeline.wait_for(rows=case.rows)
    world.settle()
    assert len(world.pipeline.rows()) == case.rows
    assert world.pipeline.poison_messages() == []
    assert not world.order.exists()


def test_killed_after_the_insert_is_sent_there_is_one_row(world: World):
    with breaking.locked(world):
        world.pipeline.container.upload_blob("a.png", image())
        world.wait_in_log("Executing 'Functions.StoreMetadata'")
        world.pipeline.kill()
    world.pipeline.start()
    world.pipeline.wait_for(rows=1)
    world.settle()
    assert len(world.pipeline.rows()) == 1


@pytest.mark.parametrize("kind", [Kind.BUSY, Kind.REFUSE, Kind.CUT])
def test_restarted_while_storage_is_in_trouble_it_waits_and_goes_on(world: World, kind: Kind):
    world.pipeline.kill()
    world.proxy.inject(Fault(kind, times=3))
    world.pipeline.container.upload_blob("a.png", image())
    world.pipeline.start()
    world.pipeline.wait_for(rows=1)


@pytest.mark.parametrize("place", ["after the start", "during the extraction", "before the insert"])
def test_overwritten_while_it_is_down_the_newest_state_has_its_row(world: World, place: str):
    world.kill_at(place)
    world.pipeline.container.upload_blob("a.png", image(size=(10, 11)))
    world.wait_until_killed()
    world.pipeline.container.upload_blob("a.png", image(size=(20, 21)), overwrite=True)
    world.pipeline.start()
    wait_until(lambda: 20 in {row["width"] for row in world.pipeline.rows()}, "the newest state's row", world.pipeline)
    world.settle()
    states = {(10, 11), (20, 21)}
    assert all((row["width"], row["height"]) in states for row in world.pipeline.rows())


def test_deleted_before_it_was_read_it_leaves_no_row_and_the_orchestration_completes(world: World):
    world.proxy.inject(Fault(Kind.BUSY, READ, times=2))
    world.pipeline.container.upload_blob("a.png", image())
    has_struck(world)
    world.pipeline.container.delete_blob("a.png")
    world.wait_in_log("is gone before it was read")
    world.settle()
    assert (world.pipeline.rows(), world.pipeline.rejections()) == ([], [])
    assert world.pipeline.instances("Failed") == []
