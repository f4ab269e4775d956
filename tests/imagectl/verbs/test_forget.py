"""`imagectl forget` on real storage and a real database; the app is a durable API that runs nothing."""

import json
from contextlib import closing

import pytest

from image_metadata.database.connections import connect
from image_metadata.database.upload_tables import UploadTables
from image_metadata.model import Upload
from image_metadata.store_metadata import store
from imagectl.errors import UsageError
from tests.image_metadata.database.outcomes import metadata
from tests.imagectl.durable_double import DurableDouble
from tests.imagectl.stack import Stack, imagectl

pytestmark = pytest.mark.usefixtures("stack", "no_waiting")

TABLES = ("ImageMetadata", "ImageRejections", "ProcessedUploads", "BlobObservations")


def traces_of(stack: Stack, durable: DurableDouble, name: str) -> list[Upload]:
    """A blob with two states and everything that the pipeline keeps about it."""
    first = stack.upload(name)
    store(metadata(first), stack.connections)
    second = stack.upload(name, b"newer bytes")
    stack.reject(second)
    for upload in (first, second):
        durable.add(upload.id, "Completed")
    UploadTables(stack.connections).observe(first.blob_id, "2026-11-22T06:30:00.000", present=False)
    stack.put_poison(name)
    return [first, second]


def counts(stack: Stack) -> list[int]:
    with closing(connect(stack.sql)) as connection:
        return [connection.execute(f"SELECT COUNT(*) FROM {table}").fetchval() for table in TABLES]  # noqa: S608  # constants


def test_every_trace_of_a_deleted_blob_is_erased_and_nothing_else(
    stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]
):
    traces_of(stack, durable, "a.png")
    others = traces_of(stack, durable, "A.png")
    stack.container.delete_blob("a.png")
    assert imagectl("forget", "a.png", "--yes", "--url", durable.url) == 0
    assert counts(stack) == [1, 1, 2, 1]
    assert sorted(durable.instances) == sorted(upload.id for upload in others)
    assert len(stack.poisoned()) == 1
    output = capsys.readouterr()
    assert output.out == "erased\tcount\nblobs\t0\nmessages\t1\nhistories\t2\nrows\t2\nobservations\t1\n"
    assert output.err.startswith("What remains, and what removes it:\n")


def test_it_refuses_while_the_blob_exists(stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]):
    traces_of(stack, durable, "a.png")
    assert imagectl("forget", "a.png", "--yes", "--url", durable.url) == 1
    assert counts(stack) == [1, 1, 2, 1]
    assert capsys.readouterr().err == (
        "imagectl: expected the blobs to be deleted, found 1 that exist (a.png); "
        "delete them first, or add --delete-blobs\n"
    )


def test_with_blobs_it_deletes_the_blobs_of_a_prefix_too(stack: Stack, durable: DurableDouble):
    for name in ("x/1.png", "x/2.png", "y.png"):
        traces_of(stack, durable, name)
    imagectl("forget", "--prefix", "x/", "--delete-blobs", "--yes", "--url", durable.url)
    assert [blob.name for blob in stack.container.list_blobs()] == ["y.png"]
    assert counts(stack) == [1, 1, 2, 1]


def test_a_dry_run_erases_nothing(stack: Stack, durable: DurableDouble, capsys: pytest.CaptureFixture[str]):
    traces_of(stack, durable, "a.png")
    imagectl("forget", "a.png", "--dry-run", "--output", "json", "--url", durable.url)
    assert counts(stack) == [1, 1, 2, 1]
    output = capsys.readouterr()
    assert json.loads(output.out) == [{"blob": "image-input/a.png", "exists": True}]
    assert output.err == (
        "2 rows and rejections would be erased; 1 blobs exist and must be deleted first, or with --delete-blobs.\n"
    )


def test_without_a_terminal_it_needs_yes(stack: Stack, durable: DurableDouble, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(UsageError, match="expected --yes"):
        imagectl("forget", "a.png", "--url", durable.url)
    assert counts(stack) == [0, 0, 0, 0]


@pytest.mark.parametrize(("answer", "status"), [("y", 0), ("", 1), ("no", 1)])
def test_on_a_terminal_it_asks_first(
    stack: Stack, durable: DurableDouble, monkeypatch: pytest.MonkeyPatch, answer: str, status: int
):
    traces_of(stack, durable, "a.png")
    stack.container.delete_blob("a.png")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: answer)
    assert imagectl("forget", "a.png", "--url", durable.url) == status
    assert counts(stack) == ([0, 0, 0, 0] if status == 0 else [1, 1, 2, 1])
