"""A host that ends too early ends the measurement, and says why."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.host_process import HostProcess


@pytest.mark.live
@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "it was killed by SIGSEGV"),
        ("raise SystemExit(3)", "it ended with status 3"),
        ("input()", "that did not happen within 0 s"),
    ],
)
def test_a_host_that_does_not_store_is_an_error_with_its_last_lines(tmp_path: Path, code: str, found: str):
    log = tmp_path / "host.log"
    log.write_text("its last line\n", "utf-8")
    seconds = 0 if "0 s" in found else 60
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
        host = HostProcess(process, log)
        with pytest.raises(BenchmarkError, match=rf"expected 1 rows to be stored, but {found}.*\nits last line"):
            host.wait_until_stored(1, seconds)
