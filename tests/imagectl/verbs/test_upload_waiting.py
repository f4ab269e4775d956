"""`imagectl upload` on real storage: how every upload ended."""

from pathlib import Path

import pytest

from tests.imagectl.durable_double import DurableDouble
from tests.imagectl.stack import Stack, imagectl
from tests.support.images import image


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("imagectl.uploading.following._ASK_AFTER_SECONDS", 0)
    monkeypatch.setattr("imagectl.uploading.following._POLL_SECONDS", 0.01)


@pytest.mark.usefixtures("impatient")
def test_wait_reports_how_every_upload_ended(
    stack: Stack, durable: DurableDouble, holiday: Path, capsys: pytest.CaptureFixture[str]
):
    for name in ("c.png", "d.png"):
        (holiday / name).write_bytes(image())
    imagectl("upload", str(holiday), "--quiet")
    uploads = {blob.name: stack.current(blob.name) for blob in stack.container.list_blobs()}
    stack.reject(uploads["holiday/a.png"])
    durable.add(uploads["holiday/beach/b c.png"].id, "Failed")
    capsys.readouterr()
    words = ["upload", str(holiday), "--wait", "--timeout", "1s", "--url", durable.url]
    assert imagectl(*words) == 1
    *unsuccessful, summary = capsys.readouterr().err.splitlines()[-4:]
    # The uploads run in parallel, so they end in any order.
    assert sorted(unsuccessful) == [
        "imagectl: image-input/holiday/beach/b c.png: no row; imagectl show tells why",
        "imagectl: image-input/holiday/c.png: no row; imagectl show tells why",
        "imagectl: image-input/holiday/d.png: no row; imagectl show tells why",
    ]
    assert summary == "Of 4 uploads: 1 failed, 1 rejected."
