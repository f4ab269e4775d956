from pathlib import Path

import pytest

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
