"""The fuzzer reports what it did, and keeps the files that failed."""

import shlex
import tempfile
from pathlib import Path

import pytest

from benchmarks import fuzz
from tests.corpus.robustness import Verdict


@pytest.fixture(autouse=True)
def _remove_kept_files(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def failing(_data, _name):
    return Verdict("JPEG", problems=["expected silence, found a warning"])


def test_a_run_without_a_failure_names_its_seed_and_succeeds(capsys):
    assert fuzz.main(["--seconds", "1", "--seed", "7"]) == 0
    assert "seed 7" in capsys.readouterr().out


def test_the_same_seed_mutates_the_same_files(monkeypatch):
    seen = []
    monkeypatch.setattr(fuzz, "check", lambda data, name: seen.append((name, data)) or failing(data, name))
    fuzz.main(["--seconds", "9", "--seed", "7"])
    first, seen[:] = list(seen), []
    fuzz.main(["--seconds", "9", "--seed", "7"])
    assert seen == first


def test_a_failing_file_is_kept_with_the_command_that_reads_it_again(monkeypatch, capsys):
    monkeypatch.setattr(fuzz, "check", failing)
    assert fuzz.main(["--seconds", "9", "--seed", "7"]) == 1
    line = next(line for line in capsys.readouterr().out.splitlines() if "--file" in line)
    assert Path(shlex.split(line)[-1]).is_file()
    assert fuzz.main(shlex.split(line)[3:]) == 1
