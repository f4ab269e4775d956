import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagectl.local.azurite import Azurite
from tests.support.databases import VARIABLE, Database, sql_server_database, sqlite_database, with_tables
from tests.support.intakes import Intake, events
from tests.support.pipeline import Pipeline


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """SQL Server where there is one, else SQLite; with the tables."""
    if os.environ.get(VARIABLE):
        with sql_server_database() as database:
            yield with_tables(database)
    else:
        yield with_tables(sqlite_database(tmp_path / "images.db"))


@pytest.fixture(params=[Intake.POLLING, Intake.QUEUE])
def intake(request: pytest.FixtureRequest) -> Intake:
    return request.param


@pytest.fixture
def pipeline(azurite: Azurite, database: Database, tmp_path: Path, intake: Intake) -> Iterator[Pipeline]:
    """The pipeline, running, with an empty container and empty tables."""
    running = Pipeline(azurite, database.settings.connection_string, tmp_path / "host.log", intake=intake)
    running.container.create_container()
    with events(azurite, intake):
        try:
            running.start()
            yield running
        finally:
            running.kill()
