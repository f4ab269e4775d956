"""Copy the deployable app to a folder: what .funcignore allows, without the polling trigger."""

import shutil
from pathlib import Path

from imagectl.repository import REPOSITORY

STAGED = REPOSITORY / ".staged"
LEFT_OUT = "BlobTriggerClient"
"""Flex Consumption has no polling blob trigger; QueueTriggerClient announces uploads there."""

_ALLOW = "!/"
_NOT_COPIED = shutil.ignore_patterns("__pycache__")


def stage(folder: Path = STAGED) -> list[str]:
    """Replace the folder by a copy from the working tree, and return the top-level names in it.

    Raises:
        FileNotFoundError: .funcignore names something that does not exist.
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
    """The top-level names that are staged."""
    lines = (REPOSITORY / ".funcignore").read_text("utf-8").splitlines()
    names = [line.removeprefix(_ALLOW) for line in lines if line.startswith(_ALLOW)]
    return [name for name in names if name != LEFT_OUT]
