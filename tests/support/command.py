"""``python -m imagectl`` as a user runs it, and what it leaves behind."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MARK = "IMAGECTL_TEST"


FOLDERS = ("*Function", "*Client", "*Metadata", "image_metadata", "functions_emulator", "imagectl", "sql")
FILES = ("host.json", "local.settings.example.json", "requirements*.txt", "package*.json")


def copy_checkout(folder: Path) -> Path:
    """A checkout of the test's own, for what writes into it; Azurite is a link to the real one."""
    folder.mkdir()
    for found in (found for pattern in FOLDERS for found in ROOT.glob(pattern)):
        shutil.copytree(found, folder / found.name, ignore=shutil.ignore_patterns("__pycache__"))
    for found in (found for pattern in FILES for found in ROOT.glob(pattern)):
        shutil.copy(found, folder)
    (folder / "node_modules").symlink_to(ROOT / "node_modules", target_is_directory=True)
    return folder


def environment(**settings: str) -> dict[str, str]:
    """The environment of the tests without settings of the app, then these."""
    ours = ("ImageStorage", "AzureWebJobsStorage", "Sql", "STORE_", "FUNCTIONS_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | settings


def imagectl(*words: str, cwd: Path = ROOT, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a verb to its end."""
    return subprocess.run(
        [sys.executable, "-m", "imagectl", *words],
        cwd=cwd,
        env=environment(**settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def started_imagectl(*words: str, output: Path, cwd: Path = ROOT, **settings: str) -> subprocess.Popen[bytes]:
    """Start a verb that runs until it is interrupted; its output goes to a file."""
    with output.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "imagectl", *words],
            cwd=cwd,
            env=environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )


def wait_for_text(output: Path, text: str, seconds: float = 60) -> None:
    """Until the output of what was started says this."""
    deadline = time.monotonic() + seconds
    while text not in (shown := output.read_text("utf-8", "replace")):
        assert time.monotonic() < deadline, f"expected {text!r} in its output, found:\n{shown}"
        time.sleep(0.05)


def running_with(mark: str) -> list[str]:
    """Command lines of the processes whose environment says ``IMAGECTL_TEST=mark``; Linux only."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue  # it ended, or is not ours
    return found
