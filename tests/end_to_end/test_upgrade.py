"""A stack that the release before left behind is upgraded and finishes its work with one row per upload."""

import json
from collections import Counter
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from functions_emulator.app.directory import load_app
from imagectl.local.azurite import Azurite, running_azurite
from tests.support.command import imagectl
from tests.support.databases import sqlite_database
from tests.support.pipeline import ON_FUNC, ROOT, Pipeline, wait_until
from tests.support.release_before import recorded, restore_database, restore_storage

pytestmark = pytest.mark.skipif(ON_FUNC, reason="the receipts are the emulator's")

EXAMPLE = json.loads((ROOT / "local.settings.example.json").read_text("utf-8"))["Values"]
ARCHIVED = "archive/é=1.png"
GIVEN_UP = {"given-up.png", "given up/日本 ?sig=x.png"}


@pytest.fixture
def azurite(tmp_path: Path):
    """Its storage, with the receipts under the name of this app's host, and its poison messages."""
    with running_azurite(restore_storage(tmp_path / "azurite")) as azurite:
        take_over_receipts(azurite)
        queue = QueueServiceClient.from_connection_string(azurite.connection_string).create_queue(
            "webjobs-blobtrigger-poison"
        )
        for text in recorded("stack/poison_messages.json"):
            queue.send_message(text)
        yield azurite


def take_over_receipts(azurite: Azurite) -> None:
    service = BlobServiceClient.from_connection_string(azurite.connection_string)
    receipts = service.get_container_client("azure-webjobs-hosts")
    host_id = load_app(ROOT, EXAMPLE).host_id
    for receipt in recorded("stack/receipts.json")["receipts"]:
        receipts.upload_blob(receipt["name"].replace(recorded("stack/receipts.json")["hostId"], host_id), b"")


def test_the_stack_of_the_release_before_is_upgraded_and_finishes_its_work(azurite: Azurite, tmp_path: Path):
    database = sqlite_database(restore_database("images.db", tmp_path))
    before = Counter(database.rows())
    settings = {
        "ImageStorage": azurite.connection_string,
        "SqlConnectionString": database.settings.connection_string,
    }
    assert imagectl("schema", **settings).returncode == 0
    pipeline = Pipeline(azurite, database.settings.connection_string, tmp_path / "host.log")
    pipeline.start()
    try:
        retried = imagectl("retry", "--url", f"http://127.0.0.1:{pipeline.port}", **settings)
        assert retried.returncode == 0, retried.stderr
        wait_until(lambda: {row["file_name"] for row in pipeline.rows()} >= GIVEN_UP, "poison becomes rows", pipeline)
        # The new host listed the container meanwhile, and let the blobs with receipts be.
        wait_until(lambda: not pipeline.instances("Pending", "Running"), "everything ends", pipeline)
        started = {instance["instanceId"] for instance in pipeline.instances("Completed", "Failed")}
    finally:
        pipeline.stop()
    rows = Counter(database.rows())
    keys = [upload_id for _, upload_id in rows.elements()]
    assert len(keys) == len(set(keys))
    assert len(rows - before) == len(GIVEN_UP)
    # Where one upload had both, its metadata stays.
    assert {table for table, _ in before - rows} == {"ImageRejections"}
    assert (before - rows).total() == 1
    stored = {row["file_name"] for row in [*pipeline.rows(), *pipeline.rejections()]}
    assert {blob["name"] for blob in recorded("stack/blobs.json")} - stored == {ARCHIVED}
    assert len(started) == len(GIVEN_UP)
    assert pipeline.poison_messages() == []
