"""The connection string of a SQLite database, as the SQLite ODBC driver takes it."""

import os
import re
from urllib.parse import quote

_IS_SQLITE = re.compile(r"(?i)(^|;)\s*driver\s*=\s*\{?[^;}]*sqlite")
_DATABASE = re.compile(r"(?i)((?:^|;)\s*database\s*=\s*)([^;]*)")


def for_driver(connection_string: str, *, create: bool) -> str:
    """The same connection string; of SQLite with any path, and refusing a file that is not there unless ``create``.

    A path that is not ASCII is written as a percent-encoded ``file:`` URI: outside Windows the driver manager hands
    the driver one byte of each UTF-16 unit, and it would open another file.
    """
    if not _IS_SQLITE.search(connection_string):
        return connection_string
    if os.name != "nt" and not connection_string.isascii():
        connection_string = _DATABASE.sub(lambda match: match[1] + _uri(match[2]), connection_string)
    return connection_string if create else f"{connection_string.rstrip('; ')};NoCreat=1"


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
