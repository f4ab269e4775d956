"""`imagectl backfill` on real storage and a real database; the app is a durable API that runs nothing."""

import itertools
import tracemalloc
from datetime import UTC, datetime

import pytest

from image_metadata.errors import SettingError, TransientStorageError
from image_metadata.model import Upload
from image_metadata.storage.listing import ListedBlob
from imagectl.errors import UnreachableError
from imagectl.pipeline import inventory, unprocessed
from tests.imagectl.durable_double import DurableDouble
from tests.imagectl.stack import ACCOUNT, Stack, imagectl

NAMES = ["a.png", "2026/b c.jpg", "?sig=d.png", "é😀.gif", "a+b%20.png"]


def test_a_container_that_was_full_before_the_app_existed_is_started(stack: Stack, durable: DurableDouble):
    uploads = [stack.upload(name) for name in NAMES]
    assert imagectl("backfill", "--url", durable.url) == 0
    assert sorted(durable.starts) == sorted(upload.id for upload in uploads)


def test_what_has_a_row_in_either_table_is_not_started(stack: Stack, durable: DurableDouble):
    stack.reject(stack.upload("rejected.txt"))
    missing = stack.upload("missing.png")
    imagectl("backfill", "--url", durable.url)
    assert durable.starts == [missing.id]


def test_an_overwritten_blob_is_started_for_its_new_state(stack: Stack, durable: DurableDouble):
    stack.reject(stack.upload("a.png"))
    newer = stack.upload("a.png", b"other bytes")
    imagectl("backfill", "--url", durable.url)
    assert durable.starts == [newer.id]


def test_run_again_it_starts_nothing_twice_and_counts_what_runs(
    stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]
):
    stack.upload("a.png")
    imagectl("backfill", "--url", durable.url)
    output = capsys.readouterr()
    assert output.out == "result\tblob\nstarted\timage-input/a.png\n"
    assert output.err == "1 blobs: 1 without a row (1 started, 0 running already), 0 inaccessible.\n"
    imagectl("backfill", "--url", durable.url)
    output = capsys.readouterr()
    assert output.out == "result\tblob\nrunning already\timage-input/a.png\n"
    assert output.err == "1 blobs: 1 without a row (0 started, 1 running already), 0 inaccessible.\n"
    assert len(durable.starts) == 1


def test_a_prefix_limits_it(stack: Stack, durable: DurableDouble):
    stack.upload("2025/a.png")
    inside = stack.upload("2026/a.png")
    imagectl("backfill", "--prefix", "2026/", "--url", durable.url)
    assert durable.starts == [inside.id]


def test_a_dry_run_shows_every_blob_and_asks_no_app(stack: Stack, capsys: pytest.CaptureFixture[str]):
    for number in range(12):
        stack.upload(f"{number:02}\n.png")
    assert imagectl("backfill", "--dry-run", "--url", "http://127.0.0.1:1") == 0
    names = "".join(f"would start\timage-input/{number:02}%0A.png\n" for number in range(12))
    assert capsys.readouterr().out == f"result\tblob\n{names}"


def test_storage_that_does_not_answer_is_reported_at_once(monkeypatch: pytest.MonkeyPatch):
    nothing = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=QQ==;BlobEndpoint=http://127.0.0.1:1/a"
    monkeypatch.setenv("ImageStorage", nothing)
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    with pytest.raises(TransientStorageError, match=r"^expected the storage .*, found no answer; .* start the local"):
        imagectl("backfill", "--dry-run")
    assert waits == []


def test_an_archived_blob_is_counted_and_started_once_it_is_online(
    stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]
):
    archived = stack.upload("a.png")
    blob = stack.container.get_blob_client("a.png")
    blob.set_standard_blob_tier("Archive")
    imagectl("backfill", "--url", durable.url)
    assert (durable.starts, "1 inaccessible" in capsys.readouterr().err) == ([], True)
    blob.set_standard_blob_tier("Hot")
    imagectl("backfill", "--url", durable.url)
    assert durable.starts == [archived.id]


def test_a_directory_of_a_hierarchical_account_is_no_upload(stack: Stack, durable: DurableDouble):
    stack.container.upload_blob("2026", b"", metadata={"hdi_isfolder": "true"})
    imagectl("backfill", "--url", durable.url)
    assert durable.starts == []


def test_every_page_and_every_look_up_is_made(stack: Stack, durable: DurableDouble, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("image_metadata.storage.listing._PAGE", 5)
    monkeypatch.setattr(inventory, "LOOK_UP", 2)
    uploads = [stack.upload(f"{number:02}.png") for number in range(12)]
    for upload in uploads[::3]:
        stack.reject(upload)
    imagectl("backfill", "--url", durable.url)
    assert set(durable.starts) == {upload.id for number, upload in enumerate(uploads) if number % 3}


def test_the_number_of_running_orchestrations_stays_bounded(stack: Stack, durable: DurableDouble):
    durable.ends_when_listed = True
    for number in range(20):
        stack.upload(f"{number}.png")
    imagectl("backfill", "--max-running", "4", "--url", durable.url)
    assert (len(durable.starts), durable.most_live) == (20, 4)


def test_orchestrations_of_others_leave_less_room(stack: Stack, durable: DurableDouble):
    for number in range(3):
        durable.add(f"of the trigger {number}", "Running")
    durable.ends_when_listed = True
    for number in range(9):
        stack.upload(f"{number}.png")
    imagectl("backfill", "--max-running", "4", "--url", durable.url)
    assert (len(durable.starts), durable.most_live) == (9, 4)


@pytest.mark.usefixtures("stack")
def test_a_full_container_takes_no_more_memory_than_three_pages(monkeypatch: pytest.MonkeyPatch):
    def listed(count: int):
        uploads = (Upload(ACCOUNT, "image-input", f"{number}.png", "0x8DE") for number in range(count))
        blobs = (ListedBlob(upload, datetime.now(UTC), is_accessible=True) for upload in uploads)
        return iter(lambda: list(itertools.islice(blobs, 1_000)), [])

    def peak(count: int) -> int:
        monkeypatch.setattr(unprocessed, "pages", lambda *_: listed(count))
        tracemalloc.start()
        tally = unprocessed.Unprocessed()
        for _ in tally.list(inventory.images()):
            pass
        memory = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert tally.readable == count
        return memory

    assert peak(12_000) < 1.1 * peak(3_000)


def test_a_database_that_does_not_answer_is_one_sentence(
    stack: Stack, durable: DurableDouble, monkeypatch: pytest.MonkeyPatch
):
    stack.upload("a.png")
    monkeypatch.setenv("SqlConnectionString", "Driver=SQLite3;Database=/no/such/folder/images.db")
    with pytest.raises(SettingError, match="but there is no such file"):
        imagectl("backfill", "--url", durable.url)


def test_a_missing_container_is_one_sentence(stack: Stack, durable: DurableDouble):
    stack.container.delete_container()
    try:
        with pytest.raises(UnreachableError, match="expected the container image-input, but it does not exist"):
            imagectl("backfill", "--url", durable.url)
    finally:
        stack.container.create_container()
