"""Explains why the database that SqlConnectionString names cannot be opened.

Sources: https://www.sqlite.org/rescode.html (14, 26), ODBC's appendix A and unixODBC's message for a missing driver.
"""

import re
from pathlib import Path

from image_metadata.database.sqlite_file import sqlite_path
from image_metadata.settings import SQL_CONNECTION_STRING
from image_metadata.text import printable

_DRIVER_MISSING = re.compile(r"Can't open lib|\[IM003\]|\[IM004\]")
_CANNOT_OPEN = re.compile(r"\[SQLite\].*\(14\) \(SQL\w+\)")
_NOT_A_DATABASE = re.compile(r"\[SQLite\].*\((?:11|26)\) \(SQL\w+\)")
_DRIVER = re.compile(r"(?i)(?:^|;)\s*driver\s*=\s*\{?([^;}]*)")

_CORRECT = f"correct Database in {SQL_CONNECTION_STRING}"
_CREATE = "run `python -m imagectl schema`"


def why_unopened(message: str, connection_string: str) -> str | None:
    """The sentence for what a driver says, or None when it says something else."""
    if _DRIVER_MISSING.search(message):
        return _driver_missing(connection_string)
    path = sqlite_path(connection_string)
    if _CANNOT_OPEN.search(message):
        return f"the SQLite database cannot be opened: {_problem_of(path)}"
    if _NOT_A_DATABASE.search(message):
        file = f"the file that {SQL_CONNECTION_STRING} names" if path is None else printable(path)
        return f"{file} is damaged or is not a SQLite database; {_CORRECT}, restore it, or delete it and {_CREATE}"
    return None


def _driver_missing(connection_string: str) -> str:
    driver = _DRIVER.search(connection_string)
    name = printable(driver[1].strip()) if driver else "a DSN"
    return (
        f"expected {SQL_CONNECTION_STRING} to name an ODBC driver, found {name}, which cannot be loaded; install it, "
        "or name one of `odbcinst -q -d`"
    )


def _problem_of(path: str | None) -> str:
    """What is at the path, and the next move; None is a URI."""
    if path is None:
        return f"{_CORRECT}, or create it: {_CREATE}"
    file, shown = Path(path), printable(path)
    try:
        if file.is_dir():
            return f"expected a file, found the folder {shown}; {_CORRECT}"
        if not file.parent.is_dir():
            return f"expected the folder {printable(str(file.parent))}, but there is none; create it, or {_CORRECT}"
        if not file.exists():
            return f"expected the file {shown}, but there is none; {_CORRECT}, or {_CREATE}"
    except OSError:
        return f"expected to open {shown}, but may not; change the permissions of its folders, or {_CORRECT}"
    return f"expected to read and write {shown} and its folder, but may not; change their permissions"
