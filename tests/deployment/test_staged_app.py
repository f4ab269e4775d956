"""The staged app, run on the emulator."""

from pathlib import Path

import pytest

from imagectl.deployment.staging import stage
from imagectl.local.azurite import Azurite
from tests.support.command import imagectl
from tests.support.databases import sqlite_database, with_tables
from tests.support.images import image
from tests.support.pipeline import ON_FUNC, Pipeline

START_UP_LIMIT = 30
"""Seconds that Flex Consumption gives an instance to start (azure-functions-host#10482)."""

pytestmark = pytest.mark.skipif(ON_FUNC, reason="the staged app has no polled trigger for Core Tools to run")


@pytest.fixture
def pipeline(azurite: Azurite, tmp_path: Path):
    stage(tmp_path / "staged")
    database = with_tables(sqlite_database(tmp_path / "images.db"))
    sql = database.settings.connection_string
    running = Pipeline(azurite, sql, tmp_path / "host.log", app=tmp_path / "staged")
    # Bytecode beside a module shows that this copy was loaded.
    running.environ["PYTHONDONTWRITEBYTECODE"] = ""
    running.container.create_container()
    try:
        yield running
    finally:
        running.kill()


def test_the_staged_app_stores_the_row_of_an_upload(pipeline: Pipeline):
    pipeline.start()
    pipeline.container.upload_blob("holiday/beach.png", image(size=(64, 48)))
    local = {
        "ImageStorage": pipeline.azurite.connection_string,
        "SqlConnectionString": pipeline.sql,
    }
    ended = imagectl("backfill", "--url", f"http://127.0.0.1:{pipeline.port}", **local)
    assert ended.returncode == 0, ended.stderr
    pipeline.wait_for(rows=1)
    (row,) = pipeline.rows()
    assert (row["file_name"], row["width"], row["height"]) == ("holiday/beach.png", 64, 48)
    assert list((pipeline.app / "image_metadata").glob("__pycache__/*")), "another copy of the code ran"


def test_the_staged_app_starts_within_the_limit_of_an_instance(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tests.support.pipeline.PATIENCE", START_UP_LIMIT)
    pipeline.start()
    assert pipeline.is_running()
