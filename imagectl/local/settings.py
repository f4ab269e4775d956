"""``local.settings.json``: the local app's settings, made from the example, under those of the environment."""

import json
import os

from functions_emulator.app.settings import read_settings
from image_metadata.database.sqlite_file import sqlite_path, with_path
from image_metadata.settings import SQL_CONNECTION_STRING
from imagectl.repository import REPOSITORY

EXAMPLE = REPOSITORY / "local.settings.example.json"
FILE = REPOSITORY / "local.settings.json"

ADDED_SETTINGS = ("AzureWebJobs.QueueTriggerClient.Disabled", "ReconcileSchedule")
"""Settings of the example that a file from an earlier release does not have."""

# On Windows the driver's installer registers it under another name than the packages of other systems do.
SQLITE_DRIVER = "SQLite3 ODBC Driver" if os.name == "nt" else "SQLite3"


def create_local_settings() -> bool:
    """Copy the example, with the SQLite driver's name on this system, unless the file exists; whether it was copied."""
    if FILE.exists():
        return False
    example = EXAMPLE.read_text(encoding="utf-8")
    FILE.write_text(example.replace("Driver=SQLite3;", f"Driver={SQLITE_DRIVER};"), encoding="utf-8")
    return True


def load_local_settings() -> None:
    """Add the file's settings to this process's environment, where it has none of that name.

    A file from an earlier release gets the example's values of what it lacks.

    Raises:
        EmulatorError: the file is malformed.
    """
    for name, value in read_settings(REPOSITORY, None).items():
        os.environ.setdefault(name, _from_here(value) if name == SQL_CONNECTION_STRING else value)
    for name, value in of_the_example(*ADDED_SETTINGS).items():
        os.environ.setdefault(name, value)


def _from_here(connection_string: str) -> str:
    """With the path of a SQLite database relative to the settings file, not to the folder of the terminal."""
    path = sqlite_path(connection_string)
    return connection_string if path is None else with_path(connection_string, str(FILE.parent / path))


def of_the_example(*names: str) -> dict[str, str]:
    """The values that these settings have in the example."""
    values = json.loads(EXAMPLE.read_text(encoding="utf-8"))["Values"]
    return {name: values[name] for name in names}
