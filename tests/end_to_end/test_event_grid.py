"""Intake by Event Grid's events on a queue, where it differs from polling."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from azure.storage.queue import QueueClient

from image_metadata.intake import EVENT_QUEUE
from imagectl.local.azurite import Azurite
from imagectl.local.event_grid import Delivery
from tests.support.access_log import requests
from tests.support.databases import Database
from tests.support.images import image
from tests.support.intakes import Intake, events
from tests.support.pipeline import Pipeline, wait_until


@pytest.fixture
def stopped(azurite: Azurite, database: Database, tmp_path: Path) -> Iterator[Pipeline]:
    """A pipeline that has not been started, with an empty container and empty tables."""
    pipeline = Pipeline(azurite, database.settings.connection_string, tmp_path / "host.log", intake=Intake.QUEUE)
    pipeline.container.create_container()
    yield pipeline
    pipeline.kill()


def waiting_events(pipeline: Pipeline) -> int:
    queue = QueueClient.from_connection_string(pipeline.azurite.connection_string, EVENT_QUEUE)
    return queue.get_queue_properties().approximate_message_count or 0


@contextmanager
def delivered(pipeline: Pipeline, count: int, **options: object) -> Iterator[None]:
    """So many events on the queue, once the block has run; then no more."""
    with events(pipeline.azurite, pipeline.intake, Delivery(**options)):  # type: ignore[arg-type]  # Delivery's fields
        yield
        wait_until(lambda: waiting_events(pipeline) >= count, f"{count} events", pipeline)


def upload(pipeline: Pipeline, count: int) -> set[str]:
    container, content = pipeline.container, image()
    names = {f"{number:04}.png" for number in range(count)}
    for name in names:
        container.upload_blob(name, content)
    return names


def test_a_thousand_events_that_came_while_the_app_was_down_are_a_thousand_rows(stopped: Pipeline):
    with delivered(stopped, 1000):
        names = upload(stopped, 1000)
    stopped.start()
    # Under load this takes minutes; what may not happen is that nothing moves.
    for reached in range(100, 1001, 100):
        wait_until(lambda reached=reached: len(stopped.rows()) >= reached, f"{reached} rows", stopped)
    wait_until(lambda: waiting_events(stopped) == 0, "an empty queue", stopped)
    assert {row["file_name"] for row in stopped.rows()} == names
    assert (len(stopped.rows()), stopped.poison_messages()) == (1000, [])
    assert requests(stopped.azurite, "GET", "image-input/") <= 1000 * 1.05


def test_two_intakes_at_once_and_everything_twice_and_out_of_order_leave_one_row_each(stopped: Pipeline):
    stopped.intake, stopped.options = Intake.BOTH, ("--twice",)
    with delivered(stopped, 20, copies=2, reversed=True):
        upload(stopped, 10)
    stopped.start()
    wait_until(lambda: len(stopped.rows()) == 10 and not waiting_events(stopped), "ten rows, no event", stopped)
    wait_until(lambda: not stopped.instances("Pending", "Running"), "no orchestration runs", stopped)
    assert (len(stopped.rows()), stopped.rejections(), stopped.poison_messages()) == (10, [], [])


def test_damaged_and_foreign_messages_are_named_and_the_others_go_on(stopped: Pipeline):
    with delivered(stopped, 1, damaged_names=True):
        stopped.container.upload_blob("damaged.png", image())
    queue = QueueClient.from_connection_string(stopped.azurite.connection_string, EVENT_QUEUE)
    queue.send_message("not base64")
    queue.send_message("e30=")
    stopped.start()
    with events(stopped.azurite, stopped.intake):
        stopped.wait_for(rows=1)
    wait_until(lambda: waiting_events(stopped) == 0, "an empty queue", stopped)
    assert "Message ignored: expected a blob's name, found a damaged one" in stopped.log_text()
    assert "Message ignored: expected an event about a blob" in stopped.log_text()
    assert stopped.poison_messages() == ["not base64"]


def test_nothing_but_the_header_is_read_of_an_upload(stopped: Pipeline):
    stopped.start()
    with delivered(stopped, 0):
        stopped.container.upload_blob("large.png", image() + bytes(5_000_000))
        stopped.wait_for(rows=1)
    assert requests(stopped.azurite, "GET", "image-input/") == 1
