"""The same verbs on the real emulator, without the trigger where they have to do its work."""

import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from image_metadata.database.connections import connect
from image_metadata.instance_status import LIVE
from image_metadata.model import Upload
from imagectl.local.azurite import Azurite
from imagectl.pipeline.durable_api import DurableApp
from tests.imagectl.stack import Stack, imagectl
from tests.support.images import image
from tests.support.pipeline import ROOT, Pipeline, wait_until

DEPLOYED_WITHOUT_TRIGGER = ("OrchestratorFunction", "ExtractMetadata", "StoreMetadata", "image_metadata")
COMPARED = ("name", "instanceId", "runtimeStatus", "input", "output", "customStatus")


@pytest.fixture
def whole_pipeline(watched_azurite: Azurite, stack: Stack, tmp_path: Path):
    """With its trigger."""
    pipeline = Pipeline(watched_azurite, stack.sql.connection_string, tmp_path / "host.log")
    pipeline.start()
    yield pipeline
    pipeline.kill()


@pytest.fixture
def pipeline(watched_azurite: Azurite, stack: Stack, tmp_path: Path):
    """Without its trigger, and not started yet."""
    app = tmp_path / "app"
    for name in DEPLOYED_WITHOUT_TRIGGER:
        shutil.copytree(ROOT / name, app / name)
    shutil.copy(ROOT / "host.json", app)
    pipeline = Pipeline(watched_azurite, stack.sql.connection_string, tmp_path / "host.log", app)
    yield pipeline
    pipeline.kill()


def url(pipeline: Pipeline) -> str:
    return f"http://127.0.0.1:{pipeline.port}"


def instance(pipeline: Pipeline, upload: Upload) -> dict[str, Any]:
    """What the status API says once it has ended."""
    address = f"{url(pipeline)}/runtime/webhooks/durabletask/instances/{upload.id}"

    def ended() -> bool:
        with urlopen(address) as answer:  # noqa: S310  # our own port
            seen.update(json.load(answer))
            return answer.status == 200

    seen: dict[str, Any] = {}
    wait_until(ended, "the orchestration ends", pipeline)
    return {name: seen[name] for name in COMPARED}


def test_what_backfill_starts_equals_what_the_trigger_starts(stack: Stack, whole_pipeline: Pipeline):
    upload = stack.upload("2026/ü?sig=b c.png", image())
    whole_pipeline.wait_for(rows=1)
    triggered = instance(whole_pipeline, upload)
    assert DurableApp(url(whole_pipeline)).start(upload)
    assert instance(whole_pipeline, upload) == triggered
    assert triggered["runtimeStatus"] == "Completed"


def test_backfill_reads_a_container_that_was_full_before(stack: Stack, pipeline: Pipeline):
    for number in range(30):
        stack.upload(f"{number}.png", image())
    stack.upload("a.txt", b"just some text\n")
    pipeline.start()
    assert imagectl("status", "--grace", "0s", "--url", url(pipeline)) == 1
    assert imagectl("backfill", "--max-running", "8", "--url", url(pipeline)) == 0
    pipeline.wait_for(rows=30, rejections=1)
    assert imagectl("status", "--grace", "0s", "--url", url(pipeline)) == 0


def test_an_image_whose_metadata_was_set_gets_the_row_of_the_state_that_is_read(stack: Stack, pipeline: Pipeline):
    stack.upload("a.png", image())
    pipeline.start()
    imagectl("backfill", "--url", url(pipeline))
    pipeline.wait_for(rows=1)
    stack.container.get_blob_client("a.png").set_blob_metadata({"album": "1"})
    imagectl("backfill", "--url", url(pipeline))
    pipeline.wait_for(rows=2)
    assert imagectl("status", "--grace", "0s", "--url", url(pipeline)) == 0


def test_an_archived_image_gets_its_row_by_a_retry_once_it_is_online(stack: Stack, pipeline: Pipeline):
    upload = stack.upload("a.png", image())
    blob = stack.container.get_blob_client("a.png")
    blob.set_standard_blob_tier("Archive")
    pipeline.start()
    DurableApp(url(pipeline)).start(upload)
    assert instance(pipeline, upload)["runtimeStatus"] == "Failed"
    assert imagectl("status", "--grace", "0s", "--url", url(pipeline)) == 0
    blob.set_standard_blob_tier("Hot")
    imagectl("retry", "--url", url(pipeline))
    pipeline.wait_for(rows=1)


def test_a_terminated_orchestration_is_restarted(stack: Stack, pipeline: Pipeline):
    upload = stack.upload("a.png", image())
    pipeline.sql = "Driver=SQLite3;Database=/no/such/folder/images.db"
    pipeline.start()
    DurableApp(url(pipeline)).start(upload)
    terminate = f"{url(pipeline)}/runtime/webhooks/durabletask/instances/{upload.id}/terminate?reason=test"
    urlopen(Request(terminate, method="POST")).close()  # noqa: S310  # our own port
    before = instance(pipeline, upload)
    imagectl("retry", "--url", url(pipeline))
    found = DurableApp(url(pipeline)).find(upload.id)
    assert found is not None
    assert (before["runtimeStatus"], found.status in LIVE, found.input) == ("Terminated", True, before["input"])


def test_after_an_outage_what_waits_for_its_next_attempt_is_restarted_at_once(stack: Stack, pipeline: Pipeline):
    upload = stack.upload("a.png", image())
    with closing(connect(stack.sql)) as connection:
        connection.execute("ALTER TABLE ImageMetadata RENAME TO ImageMetadataAway")
        pipeline.start()
        app = DurableApp(url(pipeline))
        app.start(upload)
        wait_until(lambda: app.attempts(upload.id, "StoreMetadata") > 0, "the first attempt fails", pipeline)
        connection.execute("ALTER TABLE ImageMetadataAway RENAME TO ImageMetadata")
    assert imagectl("retry", "--waiting", "--url", url(pipeline)) == 0
    wait_until(lambda: not pipeline.instances("Running", "Pending"), "the restarted one completes", pipeline)
    assert (len(pipeline.rows()), len(pipeline.instances("Completed"))) == (1, 1)
    # One attempt, and none of those of the instance that was terminated.
    assert app.attempts(upload.id, "StoreMetadata") == 1


def test_a_poison_message_becomes_a_row(stack: Stack, pipeline: Pipeline):
    stack.upload("a.png", image())
    stack.put_poison("a.png")
    pipeline.start()
    imagectl("retry", "--url", url(pipeline))
    pipeline.wait_for(rows=1)
    assert stack.poisoned() == []


def test_a_rejection_is_judged_again(stack: Stack, pipeline: Pipeline):
    stack.reject(stack.upload("a.png", image()))
    pipeline.start()
    imagectl("retry", "--rejected", "corrupt", "--url", url(pipeline))
    pipeline.wait_for(rows=1, rejections=0)


def test_a_purge_trims_what_completed(stack: Stack, pipeline: Pipeline, capsys: pytest.CaptureFixture[str]):
    for number in range(3):
        stack.upload(f"{number}.png", image())
    pipeline.start()
    imagectl("backfill", "--url", url(pipeline))
    pipeline.wait_for(rows=3)
    wait_until(lambda: len(pipeline.instances("Completed")) == 3, "three orchestrations complete", pipeline)
    capsys.readouterr()
    imagectl("purge", "--older-than", "0s", "--yes", "--url", url(pipeline))
    assert capsys.readouterr().out == "purged\n3\n"
    assert pipeline.instances("Completed") == []
