"""Which uploads without a row are new, queued or missed."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from image_metadata.model import Upload
from image_metadata.storage.listing import ListedBlob
from imagectl.pipeline.backlog import Backlog

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
GRACE = timedelta(minutes=10)


def counted(ages: Iterable[int], *, events: int = 0, wait: int = 0) -> Backlog:
    """The backlog of uploads of these ages in minutes; ``wait`` is in minutes, too."""
    backlog = Backlog(NOW, GRACE, timedelta(minutes=wait), events)
    for age in ages:
        upload = Upload("account", "image-input", f"{age}.png", "0x1")
        backlog.add(ListedBlob(upload, NOW - timedelta(minutes=age), is_accessible=True))
    return backlog


@pytest.mark.parametrize(
    ("ages", "events", "wait", "expected"),
    [
        pytest.param([1, 9, 11], 0, 0, (2, 0, 1), id="within the grace an upload is new"),
        pytest.param([20, 30, 40], 2, 0, (0, 2, 1), id="as many as events wait are queued"),
        pytest.param([1, 2, 20], 2, 0, (2, 0, 1), id="events of new uploads excuse no older one"),
        pytest.param([1, 20, 30], 3, 0, (1, 2, 0), id="events beyond those of new uploads do"),
        pytest.param([30, 60, 61], 0, 30, (0, 2, 1), id="twice the present wait is no miss"),
        pytest.param([30, 300], 1, 30, (0, 1, 1), id="an event of a late upload excuses no older one"),
        pytest.param([], 5, 30, (0, 0, 0), id="nothing without a row"),
    ],
)
def test_an_upload_without_a_row_is_new_queued_or_missed(
    ages: list[int], events: int, wait: int, expected: tuple[int, int, int]
):
    backlog = counted(ages, events=events, wait=wait)
    assert (backlog.new, backlog.queued, backlog.missed) == expected


def test_the_oldest_of_the_missed_uploads_are_the_examples():
    assert counted(range(20, 40), events=17).examples == [f"image-input/{age}.png" for age in (39, 38, 37)]
