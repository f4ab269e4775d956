"""Types of command-line arguments.

Sources: https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
"""

import argparse
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from functions_emulator import ports

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
LONGEST_BLOB_NAME = 1024
_CONTAINER_NAME = r"\$(?:root|web)|(?=.{3,63}\Z)[a-z0-9]+(-[a-z0-9]+)*"


def text(argument: str) -> str:
    """The type of every argument without one of its own: UTF-8 text that is not empty.

    An empty filter, as an unset shell variable gives, would select everything.
    """
    if not argument:
        raise argparse.ArgumentTypeError("expected text, found none (an unset variable?)")
    try:
        argument.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError(f"expected text in UTF-8, found {argument!r}") from None
    return argument


def output_file(argument: str) -> Path:
    """The path of a file to write, whatever bytes it has."""
    if not argument:
        raise argparse.ArgumentTypeError("expected the file to write, found none (an unset variable?)")
    return Path(argument)


def blob_name(argument: str) -> str:
    """A name that a blob may have, whoever uploaded it: 1 to 1,024 characters."""
    if len(text(argument)) > LONGEST_BLOB_NAME:
        raise argparse.ArgumentTypeError(
            f"expected a blob name of at most {LONGEST_BLOB_NAME:,} characters, found {len(argument):,}"
        )
    return argument


def container_name(argument: str) -> str:
    """The name of a blob container."""
    if re.fullmatch(_CONTAINER_NAME, argument) is None:
        raise argparse.ArgumentTypeError(
            "expected a container name of 3 to 63 lower-case letters, digits and single hyphens between them, "
            f"found {argument!r}"
        )
    return argument


def is_app_url(address: str) -> bool:
    """Whether this is an address of HTTP or HTTPS with a host, and with a valid port if it has one."""
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def app_url(argument: str) -> str:
    """The address of an app."""
    if not is_app_url(text(argument)):
        raise argparse.ArgumentTypeError(
            f"expected an address with scheme and host like https://NAME.azurewebsites.net, found {argument!r}"
        )
    return argument


def port_number(argument: str) -> int:
    """A TCP port from 1 to 65535."""
    return ports.port_number(argument, first=1)


def positive(argument: str) -> int:
    """A positive integer."""
    if not argument.isdecimal() or int(argument) == 0:
        raise argparse.ArgumentTypeError(f"expected a positive integer, found {argument!r}")
    return int(argument)


def duration(argument: str) -> timedelta:
    """``30d``, ``12h``, ``5m`` or ``90s``."""
    match = re.fullmatch(r"(\d{1,5})([dhms])", argument)
    if match is None:
        raise argparse.ArgumentTypeError(f"expected a duration like 30d, 12h, 5m or 90s, found {argument!r}")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def moment(argument: str) -> datetime | timedelta:
    """``2026-11-22``, ``2026-11-22T06:30``, or how long ago: ``2d``."""
    if re.fullmatch(r"\d{1,5}[dhms]", argument):
        return duration(argument)
    try:
        found = datetime.fromisoformat(argument)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected a time like 2026-11-22, 2026-11-22T06:30 or 2d, found {argument!r}"
        ) from None
    return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
