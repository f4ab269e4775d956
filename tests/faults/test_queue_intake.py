"""The faults that touch intake, on events from a queue: kills in the client, and storage that fails."""

import pytest

from tests.faults.test_matrix import assert_one_row, killed_at, upload
from tests.faults.world import World
from tests.support.images import image
from tests.support.intakes import Intake
from tests.support.pipeline import wait_until
from tests.support.proxy import Fault, Kind

pytestmark = pytest.mark.parametrize("intake", [Intake.QUEUE])


@pytest.mark.parametrize("place", ["after the event", "after the start"])
def test_killed_in_the_client_and_restarted_there_is_one_row(world: World, place: str):
    killed_at(place)(world)
    world.pipeline.start()
    assert_one_row(world)
    assert not world.order.exists()


@pytest.mark.parametrize("kind", [Kind.BUSY, Kind.REFUSE, Kind.CUT])
def test_restarted_while_the_queue_fails_it_waits_and_goes_on(world: World, kind: Kind):
    world.pipeline.kill()
    world.queue_proxy.inject(Fault(kind, times=3))
    upload(world)
    world.pipeline.start()
    assert_one_row(world)
    assert world.queue_proxy.hits == 3


def test_while_storage_refuses_everything_events_wait_and_then_every_upload_gets_its_row(world: World):
    for proxy in (world.proxy, world.queue_proxy):
        proxy.inject(Fault(Kind.REFUSE, times=100_000))
    for number in range(5):
        world.pipeline.container.upload_blob(f"{number}.png", image())
    wait_until(lambda: world.queue_proxy.hits >= 10, "ten refusals", world.pipeline)
    world.queue_proxy.heal()
    wait_until(lambda: world.proxy.hits >= 5, "refusals of the reads", world.pipeline)
    world.proxy.heal()
    world.pipeline.wait_for(rows=5)
    assert world.pipeline.poison_messages() == []
    assert world.pipeline.instances("Failed") == []


def test_a_deletion_that_is_not_acknowledged_leaves_one_row(world: World):
    world.queue_proxy.inject(Fault(Kind.CUT, b"DELETE /devstoreaccount1/image-events/", times=2))
    upload(world)
    assert_one_row(world)
    wait_until(lambda: world.queue_proxy.hits == 2, "both deletions cut", world.pipeline)
    assert_one_row(world)
