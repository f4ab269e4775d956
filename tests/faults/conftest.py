from collections.abc import Iterator
from pathlib import Path

import pytest

from imagectl.local.azurite import Azurite
from tests.faults.world import World, running_world
from tests.support.intakes import Intake


@pytest.fixture
def intake() -> Intake:
    """Polling, unless the test says otherwise."""
    return Intake.POLLING


@pytest.fixture
def world(azurite: Azurite, tmp_path: Path, intake: Intake) -> Iterator[World]:
    with running_world(azurite, tmp_path, intake=intake) as world:
        yield world
