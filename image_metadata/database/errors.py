"""What a database driver reports, as one sentence that says what it means and what to do.

Sources: https://learn.microsoft.com/azure/azure-sql/database/troubleshoot-common-errors-issues (Azure SQL's
transient numbers), https://www.sqlite.org/rescode.html (SQLite's codes), ODBC's appendix A (SQLSTATE).
"""

import re

from image_metadata.database.unopened import why_unopened
from image_metadata.errors import TransientDatabaseError
from image_metadata.text import printable

_LONGEST_DRIVER_MESSAGE = 240


def _native(*numbers: int) -> str:
    """Pattern for the database's own error numbers; pyodbc puts ``(40613) (SQLDriverConnect)`` at the end."""
    return rf"\((?:{'|'.join(map(str, numbers))})\) \(SQL\w+\)"


def _sqlite(*codes: int) -> str:
    return rf"\[SQLite\].*\((?:{'|'.join(map(str, codes))})\) \(SQL\w+\)"


# IMC is the driver's own class: the connection is dead and could not be resumed. 233 is also the number of a
# constraint error of SQL Server, whose SQLSTATE is 23000.
_LOST = rf"^\[(?:08|IMC)|^(?!\[23).*{_native(20, 64, 233, 596, 10053, 10054)}"

# Babelfish passes on PostgreSQL's own words.
_TABLE_MISSING = rf'no such table|\[42S02\]|relation "[^"]*" does not exist|{_native(208)}'

# The first match wins: specific patterns come before general ones.
_MEANINGS = (
    (
        r"\[IM002\]|\[IM010\]|\[IM012\]|Neither DSN nor SERVER",
        "SqlConnectionString is not a complete ODBC connection string; it needs Driver, Server and Database",
    ),
    (
        _TABLE_MISSING + r'|no such column|no column named|column "[^"]*".* does not exist|\[42S22\]|' + _native(207),
        "the database lacks a table or column of this app; run `python -m imagectl schema`",
    ),
    (
        _sqlite(5, 6),
        "another program has locked the SQLite database; if this continues, end that program",
    ),
    (
        _sqlite(8),
        "the SQLite database cannot be written or was removed; make the file and its folder writable",
    ),
    (
        _sqlite(13),
        "the disk of the SQLite database is full; free some space",
    ),
    (
        _sqlite(10),
        "the disk of the SQLite database cannot be read or written; repair it, or restore the file on another",
    ),
    (
        _native(40615, 40914, 47073),
        "the firewall of Azure SQL refuses this app's address; allow it in the server's network settings",
    ),
    (
        _native(916, 4060),
        "the database cannot be opened: failing over, misnamed or forbidden; if this continues, check its name",
    ),
    (
        _native(4221, 10928, 10929, 40143, 40197, 40501, 40613, 49918, 49919, 49920),
        "Azure SQL is paused, failing over or at its limit; wait, and if this continues give it more capacity",
    ),
    (
        _native(3906, 3908),
        "the database is read-only: a secondary after a failover, or set so; name the primary in SqlConnectionString",
    ),
    (
        _native(40544, 1105, 9002),
        "the database or its log is full; free some space or raise its limit",
    ),
    (
        r"\[28000\]|\[FA00\d\]|" + _native(18456, 18452),
        "the database refused the login; check user and password, or identity, in SqlConnectionString",
    ),
    (
        r"permission denied for|" + _native(229, 230),
        "the database user lacks a permission; run sql/least-privilege.sql for that user",
    ),
    (
        _native(262, 1088, 2760, 4902),
        "the database user may not create or alter tables; run `python -m imagectl schema` as one that may",
    ),
    (
        _native(3725, 4922, 5074),
        "an index, default or constraint depends on a column that must get wider; drop it, and run this again",
    ),
    (
        r"\[22001\]|" + _native(2628, 8152),
        "a text is longer than its column; run `python -m imagectl schema` to widen it",
    ),
    (
        r"\[22003\]|\[220\d\d\]|" + _native(220, 8115),
        "a value does not fit its column's type; compare the table with sql/sqlserver.sql",
    ),
    (
        r"\[23\d\d\d\]|constraint failed|" + _native(1946),
        "a constraint of the table refuses the row; compare the table with sql/sqlserver.sql",
    ),
    (
        r"\[40001\]|" + _native(1205, 3960),
        "the database ended a deadlock by refusing this statement; it is retried",
    ),
    (
        r"certificate verify failed|SSL Provider",
        "the server's certificate is not trusted; install its authority (TrustServerCertificate is for tests)",
    ),
    (
        r"Login timeout|could not open a connection|Error Locating|\[08001\]|\[HYT01\]",
        "no database answered within SqlConnectTimeoutSeconds; check the server name, the server and its firewall",
    ),
    (
        r"\[HYT00\]|\[HY008\]",
        "the database took longer than SqlStatementTimeoutSeconds; look for what blocks it, or raise that setting",
    ),
    (
        _LOST,
        "the connection to the database was lost; it is retried, and if this continues check the network",
    ),
)
_UNKNOWN = "the database refused the statement; read what it says"

_SECRETS = re.compile(r"(?i)\b(?:pwd|password)\s*=\s*(\{(?:[^}]|\}\})*\}?|[^;]*)")


def transient_database_error(error: Exception, connection_string: str) -> TransientDatabaseError:
    """The driver's error as one sentence: meaning, next move, and what the driver says, without any password.

    What the driver says is left out where what SqlConnectionString names explains the error better.
    """
    message = str(error.args[-1]) if error.args else str(error)
    if sentence := why_unopened(message, connection_string):
        return TransientDatabaseError(sentence)
    meaning = next((sentence for pattern, sentence in _MEANINGS if re.search(pattern, message)), _UNKNOWN)
    return TransientDatabaseError(
        f"{meaning} ({printable(_without_secrets(message, connection_string), _LONGEST_DRIVER_MESSAGE)})"
    )


def is_table_missing(error: Exception) -> bool:
    return bool(error.args) and re.search(_TABLE_MISSING, str(error.args[-1])) is not None


def is_connection_lost(error: Exception) -> bool:
    """Whether the error says that the connection was lost, not that the statement is wrong."""
    return bool(error.args) and re.search(_LOST, str(error.args[-1])) is not None


def _without_secrets(message: str, connection_string: str) -> str:
    secrets = {connection_string}
    for value in _SECRETS.findall(connection_string):
        secrets |= {value, value.removeprefix("{").removesuffix("}"), value.strip("{}").replace("}}", "}")}
    for secret in sorted(secrets - {""}, key=len, reverse=True):
        message = message.replace(secret, "***")
    return message
