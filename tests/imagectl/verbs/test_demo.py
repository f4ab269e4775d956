"""``demo``: the whole pipeline in one command, and nothing left of it."""

import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from imagectl.local.samples import overwritten, samples
from tests.support.command import MARK, imagectl, running_with, started_imagectl, wait_for_text

STARTING = "Starting Azurite"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory):
    """A demo that ran to its end, its output in a pipe, and the folder that its temporary files were in."""
    folder = tmp_path_factory.mktemp("demo")
    ran = imagectl("demo", TMPDIR=str(folder), **{MARK: str(folder)})
    assert ran.returncode == 0, ran.stderr
    return ran.stdout, folder


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


def table(output: str, name: str) -> list[str]:
    """The lines of a table; a cell may go on in the next line."""
    lines = output.splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip() == name)
    rows = lines[start + 4 :]
    return rows[: next(number for number, row in enumerate(rows) if not row.strip())]


def test_every_sample_is_shown_as_what_it_is(done):
    output, _ = done
    rows = {row[:24].strip(): row for row in [*table(output, "ImageMetadata"), *table(output, "ImageRejections")]}
    for sample in [*samples(), overwritten()[1]]:
        row = next(row for name, row in rows.items() if name.startswith(sample.name[:16]))
        expected = sample.expected
        words = [expected.reason] if hasattr(expected, "reason") else [expected.format, str(expected.width)]
        assert all(word in row.split() for word in words)


def test_an_overwritten_blob_is_shown_twice(done):
    rows = [row.split()[2:4] for row in table(done[0], "ImageMetadata") if "overwritten.png" in row]
    assert rows == [["640", "480"], ["1280", "720"]]


def test_the_output_in_a_pipe_is_plain_text_of_110_columns(done):
    output, _ = done
    assert max(map(len, output.splitlines())) <= 110
    assert all(char.isprintable() or char == "\n" for char in output)


def test_the_next_steps_are_told(done):
    assert {"make start", "make query", "make test"} <= {line.strip()[:10].strip() for line in done[0].splitlines()}


def test_nothing_is_left(done):
    _, folder = done
    assert list(folder.iterdir()) == []
    assert running_with(str(folder)) == []


def test_what_is_missing_is_named_and_the_exit_status_says_so(tmp_path: Path):
    ran = imagectl("demo", "--patience", "3", TMPDIR=str(tmp_path), STORE_LOCATION="perhaps")
    assert ran.returncode == 1
    assert "missing: photo.jpg: JPEG 4032 x 3024;" in ran.stderr
    assert "expected STORE_LOCATION to be true or false" in ran.stderr
    assert "Traceback" not in ran.stderr
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
