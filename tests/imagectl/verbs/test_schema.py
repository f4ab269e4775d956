"""`imagectl schema` on a database of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from image_metadata.database.tables import SCHEMA_VERSION, TABLES
from imagectl.cli import main
from imagectl.repository import REPOSITORY
from tests.imagectl.schema import first_release
from tests.support.databases import Database, sqlite_database


@pytest.fixture
def database(tmp_path, monkeypatch) -> Database:
    database = sqlite_database(tmp_path / "images.db")
    monkeypatch.setenv("SqlConnectionString", database.settings.connection_string)
    return database


def test_without_an_action_it_creates_the_schema(database: Database, capsys):
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == f"Schema upgraded from version 0 to {SCHEMA_VERSION}.\n"
    assert database.rows() == []


def test_apply_upgrades_and_says_that_a_second_run_changed_nothing(database: Database, capsys):
    first_release.create(database)
    assert main(["schema", "apply"]) == 0
    assert main(["schema", "apply"]) == 0
    assert capsys.readouterr().out == (
        f"Schema upgraded from version 0 to {SCHEMA_VERSION}.\nSchema version {SCHEMA_VERSION}: nothing to do.\n"
    )


def test_check_changes_nothing_and_exits_with_1_when_apply_is_needed(database: Database, capsys):
    assert main(["schema", "check"]) == 1
    assert capsys.readouterr().out == f"Schema version 0: the app needs {SCHEMA_VERSION}; run imagectl schema.\n"
    assert database.query("SELECT name FROM sqlite_master") == []


@pytest.mark.usefixtures("database")
def test_check_of_a_database_that_cannot_be_opened_exits_with_3(tmp_path, capsys):
    (tmp_path / "images.db").unlink()
    assert main(["schema", "check"]) == 3
    assert "the SQLite database cannot be opened" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("", "expected a file, found the folder {}; correct Database in SqlConnectionString"),
        ("none/a.db", "expected the folder {}/none, but there is none; create it, or correct Database"),
        (
            "notes.txt",
            "the file that SqlConnectionString names is damaged or is not a SQLite database; correct Database",
        ),
    ],
)
def test_a_path_that_holds_no_database_is_explained_without_the_words_of_the_driver(
    tmp_path: Path, path: str, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "notes.txt").write_text("just some text\n" * 100)
    monkeypatch.setenv("SqlConnectionString", f"Driver=SQLite3;Database={str(tmp_path / path).rstrip('/')}")
    assert main(["schema"]) == 3
    message = capsys.readouterr().err
    assert sentence.format(tmp_path) in message
    assert "(SQL" not in message
    assert len(message.splitlines()) == 1


def test_four_commands_at_once_all_exit_with_0(database: Database):
    command = [sys.executable, "-m", "imagectl", "schema"]
    runs = [subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [run.wait(timeout=120) for run in runs] == [0] * 4
    assert database.query("SELECT COUNT(*) FROM SchemaVersions") == [(SCHEMA_VERSION,)]


@pytest.mark.usefixtures("database")
def test_check_exits_with_0_when_the_schema_is_the_newest(capsys):
    main(["schema"])
    assert main(["schema", "check"]) == 0
    assert f"Schema version {SCHEMA_VERSION}: the app needs {SCHEMA_VERSION}.\n" in capsys.readouterr().out


@pytest.mark.usefixtures("database")
def test_check_and_apply_print_records_in_the_format_that_is_asked_for(capsys):
    assert main(["schema", "check", "--output", "json"]) == 1
    assert json.loads(capsys.readouterr().out) == [{"version": 0, "needed": SCHEMA_VERSION, "upgraded_from": None}]
    assert main(["schema", "--output", "csv"]) == 0
    assert capsys.readouterr().out == f"version,needed,upgraded_from\n{SCHEMA_VERSION},{SCHEMA_VERSION},0\n"
    assert main(["schema", "--output", "tsv", "check"]) == 0
    assert capsys.readouterr().out == f"version\tneeded\tupgraded_from\n{SCHEMA_VERSION}\t{SCHEMA_VERSION}\t\n"


def test_show_prints_a_record_for_each_column_or_the_script_as_data(capsys):
    main(["schema", "show", "tables", "--output", "ndjson"])
    described = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["table"], each["column"]) for each in described] == [
        (table.name, name) for table in TABLES for name in table.columns
    ]
    assert described[0].keys() == {"table", "column", "type", "since", "meaning"}
    main(["schema", "show", "sqlite", "--output", "json"])
    [script] = json.loads(capsys.readouterr().out)
    main(["schema", "show", "sqlite"])
    assert script == {"script": "sqlite", "text": capsys.readouterr().out}
