"""The path of a SQLite database, as the SQLite ODBC driver takes it."""

import os
import re
from urllib.parse import quote

_IS_SQLITE = re.compile(r"(?i)(^|;)\s*driver\s*=\s*\{?[^;}]*sqlite")
_DATABASE = re.compile(r"(?i)((?:^|;)\s*database\s*=\s*)([^;]*)")


def with_any_path(connection_string: str) -> str:
    """The same connection string with a path that is not ASCII written as a percent-encoded ``file:`` URI.

    Outside Windows the driver manager hands the driver one byte of each UTF-16 unit: it would open another file.
    """
    if os.name == "nt" or connection_string.isascii() or not _IS_SQLITE.search(connection_string):
        return connection_string
    return _DATABASE.sub(lambda match: match[1] + _uri(match[2]), connection_string)


def sqlite_path(connection_string: str) -> str | None:
    """The file that a connection string for SQLite names; None for other databases, in-memory ones and URIs."""
    found = _DATABASE.search(connection_string)
    if found is None or not _IS_SQLITE.search(connection_string):
        return None
    path = found[2].strip()
    return None if not path or path == ":memory:" or path.startswith("file:") else path


def with_path(connection_string: str, path: str) -> str:
    """The same connection string with another path."""
    return _DATABASE.sub(lambda match: match[1] + path, connection_string)


def _uri(path: str) -> str:
    return path if path.isascii() or path.startswith("file:") else f"file:{quote(path)}"
