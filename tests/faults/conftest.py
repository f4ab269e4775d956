from collections.abc import Iterator
from pathlib import Path

import pytest

from imagectl.local.azurite import Azurite
from tests.faults.world import World, running_world


@pytest.fixture
def world(azurite: Azurite, tmp_path: Path) -> Iterator[World]:
    with running_world(azurite, tmp_path) as world:
        yield world
