"""Upload an image, get the row: on real Azurite, through the deployed function folders, into a real database."""

import threading

import pytest
from azure.storage.blob import BlobServiceClient

from tests.support.access_log import requests
from tests.support.images import image
from tests.support.intakes import Intake
from tests.support.pipeline import ON_FUNC, Pipeline, wait_until

HARD_NAMES = [
    "2026/11/a b.png",
    "Ünïcode 写真 😀.png",
    "x?sig=abc&Password=def;Server=.png",
    "100%25#+.png",
    "'; DROP TABLE ImageMetadata;--.png",
    "line\nbreak\ttab.png",
    "trailing./dots..png",
    "a" * 1020 + ".png",
    "写" * 1020 + ".png",
]
pytestmark = pytest.mark.usefixtures("pipeline")
polling_only = pytest.mark.parametrize("intake", [Intake.POLLING])


def test_an_uploaded_image_becomes_a_row(pipeline: Pipeline):
    pipeline.container.upload_blob("holiday/beach.jpg", image("JPEG", (640, 480)))
    pipeline.wait_for(rows=1)
    (row,) = pipeline.rows()
    assert (row["file_name"], row["width"], row["height"], row["format"]) == ("holiday/beach.jpg", 640, 480, "JPEG")
    assert row["file_size_kb"] == pytest.approx(len(image("JPEG", (640, 480))) / 1024)


def test_every_name_gets_its_row(pipeline: Pipeline):
    for name in HARD_NAMES:
        pipeline.container.upload_blob(name, image())
    pipeline.wait_for(rows=len(HARD_NAMES))
    assert {row["file_name"] for row in pipeline.rows()} == set(HARD_NAMES)


def test_an_overwritten_blob_gets_a_second_row_and_the_view_shows_the_newest(pipeline: Pipeline):
    pipeline.container.upload_blob("a.png", image(size=(10, 10)))
    pipeline.wait_for(rows=1)
    pipeline.container.upload_blob("a.png", image(size=(20, 20)), overwrite=True)
    pipeline.wait_for(rows=2)
    assert {row["width"] for row in pipeline.rows()} == {10, 20}
    assert [row["file_name"] for row in pipeline.rows("CurrentImages")] == ["a.png"]


def test_what_is_no_image_is_rejected_and_the_images_after_it_go_on(pipeline: Pipeline):
    pipeline.container.upload_blob("1.txt", b"just some text\n")
    pipeline.container.upload_blob("2.png", b"")
    pipeline.container.upload_blob("3.png", image()[:20])
    pipeline.container.upload_blob("4.png", image())
    pipeline.wait_for(rows=1, rejections=3)
    reasons = {row["file_name"]: row["reason"] for row in pipeline.rejections()}
    assert reasons == {"1.txt": "unsupported_format", "2.png": "empty", "3.png": "corrupt"}


@polling_only
def test_the_same_bytes_under_two_names_are_two_rows(pipeline: Pipeline):
    for name in ("a.png", "b.png"):
        pipeline.container.upload_blob(name, image())
    pipeline.wait_for(rows=2)


def test_metadata_set_on_a_blob_does_not_cost_it_its_row(pipeline: Pipeline):
    blob = pipeline.container.upload_blob("a.png", image())
    blob.set_blob_metadata({"album": "summer"})
    etag = blob.get_blob_properties().etag.strip('"')
    wait_until(lambda: etag in {row["etag"] for row in pipeline.rows()}, "a row for the newest state", pipeline)


def receipts(pipeline: Pipeline) -> int:
    """Lines of the emulator's receipts."""
    service = BlobServiceClient.from_connection_string(pipeline.azurite.connection_string)
    container = service.get_container_client("azure-webjobs-hosts")
    files = container.list_blob_names(name_starts_with="blobreceipts/")
    return sum(len(container.download_blob(file).readall().split()) for file in files)


@polling_only
@pytest.mark.skipif(ON_FUNC, reason="Core Tools keeps its orchestrations across a kill; its receipts are its own")
def test_killed_at_any_moment_and_restarted_every_blob_has_one_row_and_no_completed_one_is_read_again(
    pipeline: Pipeline,
):
    for number in range(6):
        pipeline.container.upload_blob(f"before-{number}.png", image())
    pipeline.wait_for(rows=6)
    wait_until(lambda: receipts(pipeline) == 6, "six receipts", pipeline)
    pipeline.kill()
    reads = requests(pipeline.azurite, "GET", "image-input/before-")
    for number in range(20):
        pipeline.container.upload_blob(f"after-{number}.png", image())
    for moment in (0.3, 0.6, 0.9):
        pipeline.start()
        threading.Event().wait(moment)
        pipeline.kill()
    pipeline.start()
    pipeline.wait_for(rows=26)
    assert requests(pipeline.azurite, "GET", "image-input/before-") == reads


@polling_only
@pytest.mark.skipif(ON_FUNC, reason="Core Tools has its own way to stop")
def test_ctrl_c_stops_the_emulator_without_a_traceback(pipeline: Pipeline):
    pipeline.container.upload_blob("a.png", image())
    pipeline.wait_for(rows=1)
    assert pipeline.stop() == 0
    assert "Traceback" not in pipeline.log_text()


def test_no_secret_and_no_payload_is_in_the_log(pipeline: Pipeline):
    pipeline.container.upload_blob("a.png", image())
    pipeline.wait_for(rows=1)
    key = pipeline.azurite.connection_string.partition("AccountKey=")[2].partition(";")[0]
    assert key not in pipeline.log_text()
    assert pipeline.sql not in pipeline.log_text()
    assert '"etag"' not in pipeline.log_text()
