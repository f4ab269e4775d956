"""The lock of a folder: one start at a time, also after one that was killed."""

import subprocess
import sys
from pathlib import Path

import pytest

from imagectl.local.single_start import AlreadyStartedError, single_start
from tests.support.command import ROOT, wait_for_text

HOLD = """
import sys, time
from pathlib import Path
from imagectl.local.single_start import single_start
with single_start(Path(sys.argv[1]), 7071):
    print("locked", flush=True)
    time.sleep(60)
"""


def test_another_start_is_refused_until_the_first_one_ends_or_is_killed(tmp_path: Path):
    output = tmp_path / "output"
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with output.open("wb") as file, subprocess.Popen(command, cwd=ROOT, stdout=file) as first:
        wait_for_text(output, "locked")
        named = rf"found one on http://127.0.0.1:7071 \(process {first.pid}\); use that one, or stop it first"
        with pytest.raises(AlreadyStartedError, match=named), single_start(tmp_path, 7080):
            pass
        first.kill()
    with single_start(tmp_path, 7080):
        pass
    with single_start(tmp_path, 7080):
        pass
