"""``demo``: the whole pipeline in one command, and nothing left of it."""

import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from imagectl.local.samples import ExpectedRejection, overwritten, samples
from tests.support.command import MARK, imagectl, running_with, started_imagectl, wait_for_text

STARTING = "Starting Azurite"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the demo's temporary files."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def done(folder: Path) -> subprocess.CompletedProcess[str]:
    """A demo that ran to its end, its output in a pipe."""
    ran = imagectl("demo", TMPDIR=str(folder), **{MARK: str(folder)})
    assert ran.returncode == 0, ran.stderr
    return ran


@pytest.fixture
def running(tmp_path: Path):
    """A demo that has just started; it is gone when the test is over."""
    temporary, mark = tmp_path / "temporary", uuid.uuid4().hex
    temporary.mkdir()
    process = started_imagectl("demo", output=tmp_path / "output", TMPDIR=str(temporary), **{MARK: mark})
    wait_for_text(tmp_path / "output", STARTING)
    yield process, temporary, mark
    process.kill()
    process.wait()


def rows(output: str) -> list[list[str]]:
    return [line.split("\t") for line in output.splitlines()]


def test_every_sample_is_shown_as_what_it_is(done):
    shown = {(row[0], *row[2:5]) for row in rows(done.stdout)}
    for sample in [*samples(), *overwritten()]:
        expected = sample.expected
        if isinstance(expected, ExpectedRejection):
            assert any(row[:2] == (expected.file_name, expected.reason) for row in shown)
        else:
            assert (expected.file_name, str(expected.width), str(expected.height), expected.format) in shown


def test_an_overwritten_blob_is_shown_twice(done):
    assert [row[2:4] for row in rows(done.stdout) if row[0] == "overwritten.png"] == [["640", "480"], ["1280", "720"]]


def test_progress_and_next_steps_are_on_stderr(done):
    first, *_, last = done.stderr.splitlines()
    assert (first, last.split()) == (
        f"{STARTING}, a SQLite database and the functions …",
        ["make", "test", "run", "the", "tests"],
    )


@pytest.mark.usefixtures("done")
def test_nothing_is_left(folder: Path):
    assert list(folder.iterdir()) == []
    assert running_with(str(folder)) == []


def test_what_is_missing_is_named_and_the_exit_status_says_so(tmp_path: Path):
    ran = imagectl("demo", "--timeout", "3", TMPDIR=str(tmp_path), STORE_LOCATION="perhaps")
    assert ran.returncode == 1
    sentence = ran.stderr.splitlines()[-1]
    assert sentence.startswith("imagectl: expected 16 rows within 3 s, found ")
    assert "missing: photo.jpg: JPEG 4032 x 3024;" in sentence
    assert ran.stdout.startswith("The functions host printed last:\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("processes", [1, 2, 3], ids=["at once", "with Azurite", "with the host"])
def test_interrupted_it_leaves_nothing(running, processes: int, end: signal.Signals):
    process, temporary, mark = running
    wait_for_processes(processes, process, mark)
    process.send_signal(end)
    assert process.wait(60) == 130
    assert list(temporary.iterdir()) == []
    # One that was being started at that moment is ended by the system, a moment later.
    wait_for_processes(0, process, mark)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent was killed")
def test_killed_it_leaves_no_process(running):
    process, _, mark = running
    wait_for_processes(3, process, mark)
    process.kill()
    process.wait()
    wait_for_processes(0, process, mark)


def wait_for_processes(number: int, demo: subprocess.Popen[bytes], mark: str) -> None:
    """Until there are that many, or more; for none, until there is none."""
    deadline = time.monotonic() + 60
    while not enough(len(running_with(mark)), number):
        assert time.monotonic() < deadline, f"expected {number} processes, found {running_with(mark)}"
        assert number == 0 or demo.poll() is None
        time.sleep(0.05)


def enough(found: int, number: int) -> bool:
    return found >= number if number else found == 0
