"""``setup``: what is missing is installed, once, or named. The installers are stand-ins on the PATH."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import copy_checkout, wait_for_text

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the installers' stand-ins are shell scripts")

# Each writes down how it was called. The driver is found once apt-get was asked to install it.
PYTHON = 'echo "python $*" >> "$CALLS"; case "$1" in -c) test -e "$DRIVER";; -m) exit ${PIP_STATUS:-0};; esac'
NPM = 'echo "npm $*" >> "$CALLS"'
APT = 'echo "apt-get $*" >> "$CALLS"; case "$*" in *install*libsqliteodbc*) : > "$DRIVER";; esac'
SUDO = 'test "$1" = -n && shift; exec "$@"'


@pytest.fixture
def machine(tmp_path: Path):
    return Machine(tmp_path)


class Machine:
    """A checkout whose virtual environment is empty, on a computer that has Node.js and the SQLite driver."""

    def __init__(self, folder: Path) -> None:
        self.checkout = copy_checkout(folder / "checkout")
        (self.checkout / "node_modules").unlink()
        (self.checkout / "node_modules").mkdir()
        (self.checkout / ".venv" / "bin").mkdir(parents=True)
        (self.checkout / ".venv" / "pyvenv.cfg").write_text("version = 3.11.7\n")
        self.programs, self.calls, self.driver = folder / "bin", folder / "calls", folder / "driver"
        self.programs.mkdir()
        self.driver.touch()
        self.install(self.checkout / ".venv" / "bin" / "python", PYTHON)
        for name, script in (("npm", NPM), ("node", ""), ("true", ""), ("sudo", SUDO), ("env", 'shift; exec "$@"')):
            self.install(self.programs / name, script)

    def install(self, program: Path, script: str) -> None:
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def setup(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        self.calls.write_text("")
        places = {"PATH": str(self.programs), "CALLS": str(self.calls), "DRIVER": str(self.driver)}
        # -S: without site-packages, as on a computer where nothing is installed yet.
        command = [sys.executable, "-S", "-m", "imagectl", "setup", *words]
        return subprocess.run(
            command, cwd=self.checkout, env=places | environ, capture_output=True, text=True, check=False
        )

    def called(self) -> list[str]:
        """Program and first word of every call but those that look for the driver."""
        calls = (line.split()[:3] for line in self.calls.read_text().splitlines())
        return [" ".join(words) for words in calls if words[1] != "-c"]


def test_the_first_run_installs_all_and_says_so(machine: Machine):
    done = machine.setup()
    assert done.returncode == 0, done.stderr
    assert machine.called() == ["python -m pip", "npm ci --no-progress"]
    assert [line.split(" (")[0] for line in done.stdout.splitlines() if line.endswith("…")] == [
        "setup: installing the Python packages of requirements-dev.txt into .venv …",
        "setup: installing Azurite, the local Azure Storage, and the report's charts into node_modules …",
    ]


def test_the_second_run_installs_nothing_and_says_nothing(machine: Machine):
    machine.setup()
    done = machine.setup()
    assert (done.returncode, done.stdout, machine.called()) == (0, "", [])


@pytest.mark.parametrize(
    ("changed", "installer"),
    [
        ("requirements.txt", "python -m pip"),
        ("requirements-dev.txt", "python -m pip"),
        (".venv/pyvenv.cfg", "python -m pip"),
        ("package-lock.json", "npm ci --no-progress"),
    ],
)
def test_what_changed_is_installed_again_and_nothing_else(machine: Machine, changed: str, installer: str):
    machine.setup()
    with (machine.checkout / changed).open("a") as file:
        file.write("\n# changed\n")
    machine.setup()
    assert machine.called() == [installer]


def test_an_installation_that_failed_is_tried_again(machine: Machine):
    done = machine.setup(PIP_STATUS="1")
    assert done.returncode == 1
    assert "found exit status 1" in done.stderr
    assert machine.setup().returncode == 0
    assert "python -m pip" in machine.called()


def test_without_node_it_says_what_to_install(machine: Machine):
    (machine.programs / "node").unlink()
    done = machine.setup()
    assert done.returncode == 1
    assert done.stderr == "imagectl: expected Node.js 20 or later with npm, to run Azurite, found none; install it\n"


@pytest.mark.skipif(sys.platform != "linux", reason="apt is Linux's")
def test_a_missing_driver_is_installed_with_apt_after_an_update(machine: Machine):
    machine.driver.unlink()
    machine.install(machine.programs / "apt-get", APT)
    done = machine.setup()
    assert done.returncode == 0, done.stderr
    assert machine.called()[-2:] == ["apt-get -qq update", "apt-get -qq install"]
    assert "setup: installing unixodbc and libsqliteodbc with apt-get …" in done.stdout


def test_a_missing_driver_that_cannot_be_installed_is_reported(machine: Machine):
    machine.driver.unlink()
    done = machine.setup()
    assert done.returncode == 1
    assert done.stderr.startswith("imagectl: expected unixODBC and the SQLite ODBC driver, found one of them missing;")
    assert len(done.stderr.splitlines()) == 1


def test_a_checkout_without_a_virtual_environment_gets_one(machine: Machine):
    (machine.checkout / ".venv" / "bin" / "python").unlink()
    # What would go into it is in no index: this is about the environment itself.
    machine.setup(PATH=f"{machine.programs}{os.pathsep}{os.environ['PATH']}", PIP_NO_INDEX="1")
    made = machine.checkout / ".venv" / "bin" / "python"
    version = subprocess.run([made, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    assert version == sys.version.split()[0]


@pytest.mark.skipif(sys.platform != "linux", reason="apt is Linux's")
def test_the_tests_have_chromium_installed_where_there_is_no_such_browser(machine: Machine):
    machine.setup()
    copy = f"/bin/cp {machine.programs / 'node'} {machine.programs / 'chromium'}"
    machine.install(machine.programs / "apt-get", f'case "$*" in *install*chromium) {copy}; esac')
    done = machine.setup("--tests")
    assert done.returncode == 0, done.stderr
    assert "setup: installing chromium with apt-get …" in done.stdout
    assert machine.setup("--tests").stdout == ""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a browser is looked for in fixed places")
def test_without_a_browser_one_line_says_what_is_left_out(machine: Machine):
    machine.setup("--tests")
    done = machine.setup("--tests")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "setup: no Chromium, Chrome or Edge, so the tests of the report in a browser are skipped; install one\n"
    )


def test_what_only_the_tests_need_is_left_out_unless_it_is_asked_for(machine: Machine):
    machine.setup()
    assert "--omit=dev" in machine.calls.read_text()
    machine.setup("--tests")
    assert machine.called() == ["npm ci --no-progress"]
    assert "--omit=dev" not in machine.calls.read_text()
    machine.setup()
    assert machine.called() == []


def test_the_command_works_from_any_folder(machine: Machine, tmp_path: Path):
    machine.setup()
    command = machine.checkout / ".venv" / "bin" / "imagectl"
    assert command.read_text().splitlines()[0] == f"#!{machine.checkout / '.venv' / 'bin' / 'python'}"
    assert os.access(command, os.X_OK)
    run = [sys.executable, str(command), "setup", "--help"]
    assert "what only the tests need" in subprocess.check_output(run, cwd=tmp_path, text=True)


def test_ctrl_c_ends_the_command_without_a_traceback_while_it_is_imported(machine: Machine, tmp_path: Path):
    machine.setup()
    (machine.checkout / "imagectl" / "cli.py").write_text("import time\nprint('importing')\ntime.sleep(60)\n")
    output = tmp_path / "output"
    run = [sys.executable, "-u", str(machine.checkout / ".venv" / "bin" / "imagectl"), "query"]
    with output.open("wb") as file, subprocess.Popen(run, stdout=file, stderr=file) as process:
        wait_for_text(output, "importing")
        process.send_signal(signal.SIGINT)
    assert (process.returncode, output.read_text()) == (-signal.SIGINT, "importing\n")
