"""The fault matrix: what breaks, where, and what is there afterwards. The whole stack runs, and every fault is real.

Faults that neither SQLite nor Azurite can have are injected one level lower, in `tests/image_metadata/database`.
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


FIRST, SECOND = (10, 11), (20, 21)
TABLE_MISSING = "run `python -m imagectl schema`"
CANNOT_OPEN = "the SQLite database cannot be opened"


@dataclass(frozen=True)
class Case:
    """One line of the matrix: the fault before the upload, and what waits until it has occurred and repairs it."""

    fault: str
    place: str
    inject: Callable[[World], object]
    repair: Callable[[World], object]

    def __str__(self) -> str:
        return f"{self.fault} | {self.place}"


def upload(world: World, size: tuple[int, int] = FIRST) -> None:
    world.pipeline.container.upload_blob("a.png", image(size=size), overwrite=True)


def through_proxy(kind: Kind, request: bytes, times: int = 1) -> Callable[[World], object]:
    return lambda world: world.proxy.inject(Fault(kind, request, times))


def has_occurred(world: World) -> None:
    wait_until(lambda: world.proxy.hits > 0, "the fault occurs", world.pipeline)


def repaired_when_logged(message: str, repair: Callable[[World], None]) -> Callable[[World], object]:
    def repaired(world: World) -> None:
        world.wait_in_log(message)
        repair(world)

    return repaired


STORAGE_AND_DATABASE = [
    *[
        Case(f"storage {kind}", place, through_proxy(kind, request), has_occurred)
        for kind in Kind
        for place, request in (("entity tag", ASK), ("header", READ))
    ],
    Case("storage throttled with 503 five times", "header", through_proxy(Kind.BUSY, READ, times=5), has_occurred),
    Case(
        "table missing",
        "insert",
        breaking.rename_table,
        repaired_when_logged(TABLE_MISSING, breaking.rename_table_back),
    ),
    Case("database file missing", "connect", breaking.hide, repaired_when_logged(CANNOT_OPEN, breaking.bring_back)),
]


def killed_at(place: str) -> Callable[[World], None]:
    def killed(world: World) -> None:
        world.kill_at(place)
        upload(world)
        world.wait_until_killed()

    return killed


def killed_after_the_insert_is_sent(world: World) -> None:
    with breaking.locked(world):
        upload(world)
        world.wait_in_log("Executing 'Functions.StoreMetadata'")
        world.pipeline.kill()


def killed_while_it_waits_to_retry(world: World) -> None:
    breaking.rename_table(world)
    upload(world)
    world.wait_in_log(TABLE_MISSING)
    world.pipeline.kill()
    breaking.rename_table_back(world)


KILLS = {
    **{place: killed_at(place) for place in breaking.PLACES},
    "after the insert is sent": killed_after_the_insert_is_sent,
    "while it waits to retry": killed_while_it_waits_to_retry,
}


@pytest.mark.parametrize("case", STORAGE_AND_DATABASE, ids=str)
def test_after_a_fault_there_is_one_row(world: World, case: Case):
    case.inject(world)
    upload(world)
    case.repair(world)
    assert_one_row(world)


@pytest.mark.parametrize("moment", KILLS)
def test_killed_and_restarted_there_is_one_row(world: World, moment: str):
    KILLS[moment](world)
    world.pipeline.start()
    assert_one_row(world)
    assert not world.order.exists()


def assert_one_row(world: World) -> None:
    world.pipeline.wait_for(rows=1)
    world.settle()
    assert len(world.pipeline.rows()) == 1
    assert world.pipeline.poison_messages() == []


@pytest.mark.parametrize("moment", KILLS)
def test_overwritten_while_it_is_down_the_newest_state_has_its_row(world: World, moment: str):
    KILLS[moment](world)
    upload(world, SECOND)
    world.pipeline.start()
    wait_until(lambda: SECOND in sizes(world), "the newest state's row", world.pipeline)
    world.settle()
    assert len(sizes(world)) == len(set(sizes(world)))
    assert set(sizes(world)) <= {FIRST, SECOND}


def sizes(world: World) -> list[tuple[int, int]]:
    return [(row["width"], row["height"]) for row in world.pipeline.rows()]


@pytest.mark.parametrize("kind", [Kind.BUSY, Kind.REFUSE, Kind.CUT, Kind.GARBLE])
def test_restarted_while_storage_fails_it_waits_and_continues(world: World, kind: Kind):
    world.pipeline.kill()
    world.proxy.inject(Fault(kind, times=3))
    upload(world)
    world.pipeline.start()
    world.pipeline.wait_for(rows=1)


def test_deleted_before_it_was_read_it_leaves_no_row_and_the_orchestration_completes(world: World):
    world.proxy.inject(Fault(Kind.BUSY, READ, times=2))
    upload(world)
    has_occurred(world)
    world.pipeline.container.delete_blob("a.png")
    world.wait_in_log("was deleted before it was read")
    world.settle()
    assert (world.pipeline.rows(), world.pipeline.rejections()) == ([], [])
    assert world.pipeline.instances("Failed") == []
