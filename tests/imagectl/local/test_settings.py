"""The settings file: where its SQLite database is, and what a wrong path does."""

import json
import os
from pathlib import Path

import pytest

from image_metadata.errors import SettingError
from imagectl.local import settings
from imagectl.pipeline.rows import query

VARIABLE = "SqlConnectionString"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a settings file that names a database in it; the process is in another one."""
    folder, elsewhere = tmp_path / "checkout", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    text = json.dumps({"Values": {VARIABLE: "Driver=SQLite3;Database=.local/images.db;Timeout=1"}})
    (folder / "local.settings.json").write_text(text)
    monkeypatch.setattr(settings, "REPOSITORY", folder)
    monkeypatch.setattr(settings, "FILE", folder / "local.settings.json")
    for name in (VARIABLE, *settings.ADDED_SETTINGS):
        # Set first, so that what the test adds is taken back.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.chdir(elsewhere)
    return folder


def test_a_relative_path_starts_at_the_settings_file(checkout: Path):
    settings.load_local_settings()
    assert os.environ[VARIABLE] == f"Driver=SQLite3;Database={checkout}/.local/images.db;Timeout=1"


def test_a_database_that_does_not_exist_is_named_and_not_created(checkout: Path):
    settings.load_local_settings()
    sentence = f"expected the SQLite database {checkout}/.local/images.db, but there is no such file"
    with pytest.raises(SettingError, match=sentence):
        query("SELECT 1")
    assert not (checkout / ".local").exists()
