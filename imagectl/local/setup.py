"""Install what the local stack and its tests need. Runs on any Python without a package."""

import contextlib
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from image_metadata.errors import ImageMetadataError
from imagectl.local.browser import find_browser
from imagectl.repository import REPOSITORY

VENV = REPOSITORY / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
NODE_MODULES = REPOSITORY / "node_modules"
STAMP = ".imagectl-setup"
TESTS_STAMP = ".imagectl-setup-tests"
COMMAND = PYTHON.parent / ("imagectl.cmd" if os.name == "nt" else "imagectl")
ODBC_PACKAGES = ("unixodbc", "libsqliteodbc")

_LAST_LINES = 15
_COMMAND_SCRIPT = f"""\
import sys

sys.path.insert(0, {str(REPOSITORY)!r})

try:
    import imagectl.__main__
except KeyboardInterrupt:
    sys.exit(130)
"""
# The driver's own installer on Windows registers another name than the packages of the other systems.
_FIND_DRIVER = "import pyodbc; raise SystemExit(not {'SQLite3', 'SQLite3 ODBC Driver'} & set(pyodbc.drivers()))"

_ODBC_BY_HAND = {
    "linux": "install the packages unixodbc and libsqliteodbc (Fedora: unixODBC and sqliteodbc)",
    "darwin": "run brew install unixodbc sqliteodbc, and name the driver SQLite3 in the file odbcinst.ini that "
    "`odbcinst -j` shows: [SQLite3] Driver=/opt/homebrew/lib/libsqlite3odbc.dylib",
    "win32": "install the SQLite3 ODBC Driver, sqliteodbc_w64.exe from http://www.ch-werner.de/sqliteodbc/",
}


class SetupError(ImageMetadataError):
    """Something is missing that only the user can install."""


def install_python_packages() -> None:
    """Fill ``.venv`` as the requirements files say, unless it was filled from just these with this Python.

    Raises:
        SetupError: Python's venv module is incomplete, or a package cannot be installed.
    """
    if not PYTHON.exists():
        _install_venv_module()
        with _step(f"creating .venv with Python {sys.version.split()[0]}"):
            _execute([sys.executable, "-m", "venv", "--clear", str(VENV)])
    requirements = [VENV / "pyvenv.cfg", REPOSITORY / "requirements.txt", REPOSITORY / "requirements-dev.txt"]
    if _is_stamped(VENV, requirements):
        return
    with _step("installing the Python packages of requirements-dev.txt into .venv"):
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
        _execute([*pip, "--requirement", str(REPOSITORY / "requirements-dev.txt")])
    _stamp(VENV, requirements)


def install_command() -> None:
    """Write the command ``imagectl`` into the virtual environment; it works from any folder."""
    content = f"#!{PYTHON}\n{_COMMAND_SCRIPT}"
    if os.name == "nt":
        content = f'@set "PYTHONPATH={REPOSITORY}"\r\n@"{PYTHON}" -m imagectl %*\r\n'
    if COMMAND.exists() and COMMAND.read_text("utf-8") == content:
        return
    COMMAND.write_text(content, "utf-8", newline="")
    COMMAND.chmod(0o755)


def install_node_packages(*, with_tests: bool) -> None:
    """Install Azurite, what draws the report, and ExifTool for the tests, as ``package-lock.json`` pins them.

    Raises:
        SetupError: Node.js is missing, or a package cannot be installed.
    """
    lock = [REPOSITORY / "package-lock.json"]
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise SetupError("expected Node.js 20 or later with npm, to run Azurite, found none; install it")
    # npm clears the folder first: what the tests need is there only with all the rest.
    if _is_stamped(NODE_MODULES, lock, TESTS_STAMP) or (not with_tests and _is_stamped(NODE_MODULES, lock)):
        return
    # ExifTool's package is not for Windows, and npm refuses what is not for the system at hand.
    left_out = [] if with_tests and os.name != "nt" else ["--omit=dev"]
    what = "Azurite, the local Azure Storage, and the report's charts" + ("" if left_out else ", with ExifTool,")
    with _step(f"installing {what} into node_modules"):
        _execute([npm, "ci", "--no-progress", "--loglevel=error", *left_out])
    _stamp(NODE_MODULES, lock, TESTS_STAMP if with_tests else STAMP)


def install_odbc_driver() -> None:
    """Install the ODBC driver manager and the SQLite driver where apt can do it.

    Raises:
        SetupError: it cannot; the sentence says how to do it by hand.
    """
    if _finds_driver():
        return
    if sys.platform == "linux":
        _apt_install(*ODBC_PACKAGES)
    if not _finds_driver():
        by_hand = _ODBC_BY_HAND.get(sys.platform, _ODBC_BY_HAND["linux"])
        raise SetupError(f"expected unixODBC and the SQLite ODBC driver, found one of them missing; {by_hand}")


def install_browser() -> None:
    """Install Chromium where apt can do it and no browser of its family is there; else say what is left out."""
    if find_browser():
        return
    if sys.platform == "linux":
        with contextlib.suppress(SetupError):  # Ubuntu has no such package
            _apt_install("chromium")
    if not find_browser():
        print("setup: no Chromium, Chrome or Edge, so the tests of the report in a browser are skipped; install one")


def _finds_driver() -> bool:
    return _succeeds([str(PYTHON), "-c", _FIND_DRIVER])


def _install_venv_module() -> None:
    """Debian and Ubuntu keep a part of Python's own venv in a package apart."""
    if importlib.util.find_spec("ensurepip"):
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    _apt_install(package)
    importlib.invalidate_caches()
    if not importlib.util.find_spec("ensurepip"):
        raise SetupError(f"expected Python's venv module, found it incomplete; install the package {package}")


def _apt_install(*packages: str) -> None:
    """Do nothing where apt or the right to use it is missing: the caller looks whether it helped."""
    apt = shutil.which("apt-get")
    privilege = _privilege()
    if apt is None or privilege is None:
        return
    quiet = [*privilege, "env", "DEBIAN_FRONTEND=noninteractive", apt, "-qq"]
    with _step(f"installing {' and '.join(packages)} with apt-get"):
        _execute([*quiet, "update"])
        _execute([*quiet, "install", "--yes", "--no-install-recommends", *packages])


def _privilege() -> list[str] | None:
    """What to put before a command to run it as root without being asked anything; None when there is no way."""
    if sys.platform != "win32" and os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    return [sudo, "-n"] if sudo and _succeeds([sudo, "-n", "true"]) else None


@contextlib.contextmanager
def _step(what: str) -> Iterator[None]:
    print(f"setup: {what} …", flush=True)
    started = time.monotonic()
    yield
    print(f"setup: done in {time.monotonic() - started:.0f} s", flush=True)


def _execute(command: Sequence[str]) -> None:
    done = _finished(command)
    if done.returncode:
        output = "\n".join((done.stdout + done.stderr).splitlines()[-_LAST_LINES:])
        raise SetupError(f"expected `{' '.join(command)}` to succeed, found exit status {done.returncode}:\n{output}")


def _succeeds(command: Sequence[str]) -> bool:
    return _finished(command).returncode == 0


def _finished(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # installers and Python, no word from outside
        command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True, errors="replace"
    )


def _is_stamped(folder: Path, sources: Sequence[Path], name: str = STAMP) -> bool:
    stamp = folder / name
    return stamp.exists() and stamp.read_text() == _digest(sources)


def _stamp(folder: Path, sources: Sequence[Path], name: str = STAMP) -> None:
    (folder / name).write_text(_digest(sources))


def _digest(sources: Sequence[Path]) -> str:
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()
