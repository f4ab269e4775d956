"""The app as it is deployed: what .funcignore allows, without the polled trigger, in a folder of its own."""

import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
STAGED = REPOSITORY / ".staged"
LEFT_OUT = "BlobTriggerClient"
"""Flex Consumption refuses a polled blob trigger; there QueueTriggerClient announces uploads."""

_ALLOW = "!/"
_NOT_COPIED = shutil.ignore_patterns("__pycache__")


def stage(folder: Path = STAGED) -> list[str]:
    """Make the folder anew from the working tree, which stays as it is; the names that were copied.

    Raises:
        FileNotFoundError: .funcignore allows something that is not there.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    names = allowed()
    for name in names:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=_NOT_COPIED)
        else:
            shutil.copy2(source, folder / name)
    return names


def allowed() -> list[str]:
    """The names of the allow-list that are staged."""
    lines = (REPOSITORY / ".funcignore").read_text("utf-8").splitlines()
    names = [line.removeprefix(_ALLOW) for line in lines if line.startswith(_ALLOW)]
    return [name for name in names if name != LEFT_OUT]
