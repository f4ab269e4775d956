"""`imagectl upload` on real storage: what is there is not sent again, whole or in blocks."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import ContentSettings

from imagectl.uploading import present, transfer
from tests.imagectl.stack import Stack, imagectl
from tests.imagectl.uploads import SIZE, blobs, sent
from tests.support.images import image


def test_what_is_there_with_the_same_content_is_skipped_unless_overwrite(
    stack: Stack, holiday: Path, capsys: pytest.CaptureFixture[str]
):
    imagectl("upload", str(holiday))
    before = {blob.name: blob.etag for blob in stack.container.list_blobs()}
    capsys.readouterr()
    assert imagectl("upload", str(holiday)) == 0
    output = capsys.readouterr()
    assert sent(output.out) == {f"skipped\tholiday/a.png\t{SIZE}\t", f"skipped\tholiday/beach/b c.png\t{SIZE}\t"}
    assert output.err.startswith("0 uploaded (0 bytes), 2 already there, 5 left out (")
    assert {blob.name: blob.etag for blob in stack.container.list_blobs()} == before
    imagectl("upload", str(holiday), "--overwrite")
    assert before.keys() == {blob.name for blob in stack.container.list_blobs() if before[blob.name] != blob.etag}


def test_a_blob_without_md5_counts_as_different(stack: Stack, holiday: Path):
    blob = stack.container.get_blob_client("holiday/a.png")
    blob.upload_blob(image())
    blob.set_http_headers(ContentSettings(content_type="image/png"))
    assert blob.get_blob_properties().content_settings.content_md5 is None
    imagectl("upload", str(holiday))
    assert blob.get_blob_properties().content_settings.content_md5


def test_many_are_looked_up_by_listing_what_they_have_in_common(
    stack: Stack, holiday: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(present, "_FEW", 1)
    imagectl("upload", str(holiday))
    (holiday / "a.png").write_bytes(image("GIF"))
    capsys.readouterr()
    imagectl("upload", str(holiday))
    assert capsys.readouterr().err.startswith(f"1 uploaded ({len(image('GIF'))} bytes), 1 already there")
    assert stack.container.download_blob("holiday/a.png").readall() == image("GIF")


def test_a_large_file_travels_in_blocks_and_has_its_md5(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(transfer, "BLOCK", 1000)
    monkeypatch.setattr(transfer, "_WHOLE", 1000)
    monkeypatch.setattr(transfer, "_RESUMED", 1000)
    content = image() + os.urandom(10_000)
    (tmp_path / "large.png").write_bytes(content)
    imagectl("upload", str(tmp_path / "large.png"))
    blob = stack.container.get_blob_client("large.png")
    assert blob.download_blob().readall() == content
    assert len(blob.get_block_list()[0]) == 11
    assert blobs(stack)["large.png"][1] == hashlib.md5(content, usedforsecurity=False).digest()


def test_blocks_that_an_interrupted_upload_left_are_not_sent_again(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for limit in ("BLOCK", "_WHOLE", "_RESUMED"):
        monkeypatch.setattr(transfer, limit, 1000)
    file = tmp_path / "large.png"
    file.write_bytes(os.urandom(5_000))
    parts = list(transfer._parts(file, lambda _content: None))  # noqa: SLF001  # the ids are the upload's own
    blob = stack.container.get_blob_client("large.png")
    for part in parts[:3]:
        blob.stage_block(part.id, file.read_bytes()[part.start : part.start + part.length])
    sent: list[str] = []
    stage = transfer.BlobClient.stage_block

    def stage_block(blob: transfer.BlobClient, block_id: str, *rest: Any) -> Any:
        sent.append(block_id)
        return stage(blob, block_id, *rest)

    monkeypatch.setattr(transfer.BlobClient, "stage_block", stage_block)
    imagectl("upload", str(file))
    assert sorted(sent) == [part.id for part in parts[3:]]
    assert blob.download_blob().readall() == file.read_bytes()
