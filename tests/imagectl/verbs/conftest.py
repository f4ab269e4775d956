import json
from pathlib import Path
from typing import Any

import pytest

from tests.imagectl.durable_double import DurableDouble
from tests.imagectl.stack import imagectl
from tests.imagectl.status import Status
from tests.support.images import image


@pytest.fixture
def holiday(tmp_path: Path) -> Path:
    """A folder of two images, with what else such folders hold."""
    folder = tmp_path / "holiday"
    (folder / "beach").mkdir(parents=True)
    (folder / ".thumbnails").mkdir()
    for name in ("a.png", "beach/b c.png", ".hidden.png", ".thumbnails/a.png"):
        (folder / name).write_bytes(image())
    (folder / "notes.txt").write_text("just some text\n")
    (folder / "local.settings.json").write_text("{}")
    (tmp_path / "outside.png").write_bytes(image())
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    return folder


@pytest.fixture
def status(durable: DurableDouble, capsys: pytest.CaptureFixture[str]) -> Status:
    def run(*words: str) -> tuple[int, dict[str, Any]]:
        exit_status = imagectl("status", "--json", "--grace", "0s", "--url", durable.url, *words)
        return exit_status, json.loads(capsys.readouterr().out)

    return run
