"""A browser of the Chromium family, for the tests of the report."""

import os
import shutil
from pathlib import Path

_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome")
_PROGRAMS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    *(
        rf"{os.environ[folder]}\{program}"
        for folder in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        if folder in os.environ
        for program in (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
    ),
)


def find_browser() -> str | None:
    """The first that is installed: Chromium, Chrome or Edge."""
    commands = (shutil.which(command) for command in _COMMANDS)
    programs = (program for program in _PROGRAMS if Path(program).exists())
    return next((found for found in (*commands, *programs) if found), None)
