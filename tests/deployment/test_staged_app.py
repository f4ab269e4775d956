"""The staged app, run on the emulator."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from imagectl.deployment.staging import stage
from imagectl.local.azurite import Azurite
from imagectl.local.event_grid import running_event_grid
from tests.support.databases import sqlite_database, with_tables
from tests.support.images import image
from tests.support.pipeline import ON_FUNC, Pipeline, wait_until

START_UP_LIMIT = 30
"""Seconds that Flex Consumption gives an instance to start (azure-functions-host#10482)."""

pytestmark = pytest.mark.skipif(ON_FUNC, reason="bytecode shows which copy the emulator loaded")


@pytest.fixture
def pipeline(azurite: Azurite, tmp_path: Path) -> Iterator[Pipeline]:
    stage(tmp_path / "staged")
    database = with_tables(sqlite_database(tmp_path / "images.db"))
    sql = database.settings.connection_string
    running = Pipeline(azurite, sql, tmp_path / "host.log", app=tmp_path / "staged")
    # Bytecode beside a module shows that this copy was loaded.
    running.environ["PYTHONDONTWRITEBYTECODE"] = ""
    running.environ["AzureWebJobs.QueueTriggerClient.Disabled"] = "false"
    running.container.create_container()
    try:
        yield running
    finally:
        running.kill()


def test_the_staged_app_stores_the_row_of_an_upload_that_an_event_announces(pipeline: Pipeline):
    with running_event_grid(pipeline.azurite):
        pipeline.start()
        pipeline.container.upload_blob("holiday/beach.png", image(size=(64, 48)))
        pipeline.wait_for(rows=1)
    (row,) = pipeline.rows()
    assert (row["file_name"], row["width"], row["height"]) == ("holiday/beach.png", 64, 48)
    assert list((pipeline.app / "image_metadata").glob("__pycache__/*")), "another copy of the code ran"
    assert "BlobTriggerClient" not in pipeline.log_text()


def test_the_staged_app_compares_container_and_tables_on_schedule(pipeline: Pipeline):
    pipeline.environ["ReconcileSchedule"] = "* * * * * *"
    with running_event_grid(pipeline.azurite):
        pipeline.start()
        wait_until(lambda: "Reconciliation:" in pipeline.log_text(), "a reconciliation", pipeline)


def test_the_staged_app_starts_within_the_limit_of_an_instance(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("imagectl.local.host._START_SECONDS", START_UP_LIMIT)
    with running_event_grid(pipeline.azurite):
        pipeline.start()
    assert pipeline.host is not None
