"""Uploads announced by Event Grid's messages in a storage queue, and what no event announced: one row each."""

from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from azure.storage.queue import QueueClient, TextBase64EncodePolicy

from imagectl.local.azurite import Azurite
from tests.support.access_log import requests
from tests.support.databases import Database
from tests.support.events import event
from tests.support.images import image
from tests.support.pipeline import Pipeline, wait_until

QUEUE_INTAKE = {
    "AzureWebJobs.BlobTriggerClient.Disabled": "true",
    "AzureWebJobs.QueueTriggerClient.Disabled": "false",
    "AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:00:00.500",
    "ReconcileGraceMinutes": "0",
}
NAMES = [
    "2026/11/a b.png",
    "Ünïcode 写真 😀.png",
    "x?sig=abc&Password=def;Server=.png",
    "100%41#+.png",
    "a/blobs/b.png",
]


@pytest.fixture
def stopped(azurite: Azurite, database: Database, tmp_path: Path) -> Iterator[Pipeline]:
    """The pipeline with the queue as its intake, before its start."""
    pipeline = Pipeline(azurite, database.settings.connection_string, tmp_path / "host.log", environ=dict(QUEUE_INTAKE))
    pipeline.container.create_container()
    try:
        yield pipeline
    finally:
        pipeline.kill()


def queue(azurite: Azurite, name: str = "image-events") -> QueueClient:
    return QueueClient.from_connection_string(
        azurite.connection_string, name, message_encode_policy=TextBase64EncodePolicy()
    )


def reconcile(pipeline: Pipeline) -> None:
    url = f"http://127.0.0.1:{pipeline.port}/admin/functions/ReconcileTimer"
    request = Request(url, data=b'{"input": ""}', headers={"Content-Type": "application/json"})  # our own port
    urlopen(request, timeout=30).close()  # noqa: S310  # as above


def test_events_that_waited_and_uploads_without_one_become_a_row_each(
    stopped: Pipeline, azurite: Azurite, database: Database
):
    events = queue(azurite)
    events.create_queue()
    for name in NAMES:
        etag = stopped.container.upload_blob(name, image()).get_blob_properties().etag
        for _ in range(2):
            events.send_message(event(name, etag.strip('"')))
    events.send_message(event("phot\N{REPLACEMENT CHARACTER}.png"))
    questions = requests(azurite, "HEAD", "image-input/")

    stopped.start()
    stopped.wait_for(rows=len(NAMES))
    wait_until(lambda: not events.get_queue_properties().approximate_message_count, "the queue is empty", stopped)
    assert {row["file_name"] for row in stopped.rows()} == set(NAMES)
    assert requests(azurite, "HEAD", "image-input/") == questions

    for name in ("never.png", NAMES[1]):
        events.send_message(event(name, None, eventType="Microsoft.Storage.BlobDeleted", data={"api": "DeleteBlob"}))
    wait_until(lambda: len(database.query("SELECT * FROM BlobObservations")) == 1, "the deletion is recorded", stopped)

    stopped.container.upload_blob("no event.png", image())
    stopped.container.upload_blob(NAMES[0], image(size=(3, 3)), overwrite=True)
    reconcile(stopped)
    stopped.wait_for(rows=len(NAMES) + 2)
    wait_until(lambda: bool(database.query("SELECT id FROM Reconciliations")), "the run has its row", stopped)
    runs = database.query("SELECT blobs, started, changed, errors, complete FROM Reconciliations")
    assert [tuple(map(int, run)) for run in runs] == [(len(NAMES) + 1, 2, 1, 0, 1)]
    assert "Uploads missed: 1 had neither" in stopped.log.read_text("utf-8")
