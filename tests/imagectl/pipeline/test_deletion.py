"""Deletions need tables that exist."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from image_metadata.errors import SettingError
from imagectl.pipeline.deletion import delete_observations, delete_uploads


@pytest.mark.parametrize("delete", [delete_uploads, delete_observations])
def test_a_sqlite_file_that_is_not_there_is_not_created(
    delete: Callable[[Sequence[str]], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    missing = tmp_path / "missing.db"
    monkeypatch.setenv("SqlConnectionString", f"Driver=SQLite3;Database={missing}")
    with pytest.raises(SettingError, match="but there is no such file"):
        delete(["id"])
    assert not missing.exists()
