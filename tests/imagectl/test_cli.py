"""The command line as a whole: every verb explains itself, and trouble is one sentence."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from imagectl.cli import VERBS
from tests.support.command import ROOT, copy_checkout, imagectl

NOTHING_LISTENS = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=QQ==;BlobEndpoint=http://127.0.0.1:1/a"


@pytest.fixture
def checkout(tmp_path: Path):
    """One without local.settings.json."""
    return copy_checkout(tmp_path / "checkout")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_a_module_that_explains_itself(verb: str):
    module = importlib.import_module(f"imagectl.verbs.{verb}")
    told = imagectl(verb, "--help")
    assert told.returncode == 0
    assert " ".join(module.HELP.split()) in " ".join(told.stdout.split())


def test_help_lists_every_verb():
    told = imagectl("--help").stdout
    assert all(f"\n    {verb} " in told for verb in VERBS)


@pytest.mark.parametrize(
    ("words", "settings", "sentence"),
    [
        (["query"], {}, "SqlConnectionString is not set; copy"),
        (
            ["query"],
            {"SqlConnectionString": "nonsense"},
            "expected SqlConnectionString to be an ODBC connection string",
        ),
        (["query"], {"SqlConnectionString": "Driver=Nope;Server=x"}, "cannot be loaded; install it"),
        (["query"], {"SqlConnectionString": "Driver=SQLite3;Database=/nowhere/a.db"}, "create its folder"),
        (["upload", __file__], {}, "ImageStorage is not set; copy"),
        (["upload", __file__], {"ImageStorage": "nonsense"}, "expected ImageStorage to be a connection string"),
        (["upload", __file__], {"ImageStorage": NOTHING_LISTENS}, "for the local stack: make start"),
        (["upload", "no such file"], {}, "expected a file or folder, found none called no such file"),
        (["start"], {"FUNCTIONS_HOST": "apache"}, "expected FUNCTIONS_HOST to be func or emulator, found 'apache'"),
    ],
)
def test_trouble_is_one_sentence_and_exit_status_1(
    words: list[str], settings: dict[str, str], sentence: str, checkout: Path
):
    done = imagectl(*words, cwd=checkout, **settings)
    assert done.returncode == 1
    assert done.stderr.startswith("imagectl: ")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_malformed_settings_file_is_named(checkout: Path):
    (checkout / "local.settings.json").write_text("{")
    done = imagectl("query", cwd=checkout)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "local.settings.json" in done.stderr


def test_the_environment_wins_over_the_settings_file(checkout: Path):
    (checkout / "local.settings.json").write_text('{"Values": {"SqlConnectionString": "in the file"}}')
    settings = {"SqlConnectionString": f"Driver=SQLite3;Database={checkout}/none/a.db"}
    assert "cannot be opened" in imagectl("query", cwd=checkout, **settings).stderr


def test_azurite_that_is_not_installed_is_named(checkout: Path):
    (checkout / "node_modules").unlink()
    done = imagectl("demo", cwd=checkout)
    assert done.returncode == 1
    assert done.stderr.startswith("imagectl: expected Azurite")
    assert "run imagectl setup" in done.stderr


def test_a_python_without_the_packages_is_told_to_set_up():
    # -S: without site-packages, as before the first set-up.
    command = [sys.executable, "-S", "-m", "imagectl", "query"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "run python3 -m imagectl setup" in done.stderr


def test_a_reader_that_has_seen_enough_is_no_trouble():
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "imagectl", "query", "--help"]
    done = subprocess.run(command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert b"Traceback" not in done.stderr
