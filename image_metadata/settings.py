"""App settings, read from the environment here and nowhere else.

A connection is found under every name that the Functions host looks for, in its order (azure-webjobs-sdk,
``GetWebJobsConnectionStringSection``; names and prefixes as .NET's configuration reads environment variables):
``AzureWebJobs`` + name before the name alone, and of each the connection string of that name before the setting.
"""

import base64
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies

from image_metadata.errors import SettingError
from image_metadata.text import printable

IMAGE_STORAGE = "ImageStorage"
SQL_CONNECTION_STRING = "SqlConnectionString"
SQL_CONNECT_TIMEOUT = "SqlConnectTimeoutSeconds"
SQL_STATEMENT_TIMEOUT = "SqlStatementTimeoutSeconds"
STORE_LOCATION = "STORE_LOCATION"
STORE_BLOB_METADATA = "STORE_BLOB_METADATA"
KEEP_HISTORY_DAYS = "KeepHistoryDays"
RECONCILE_GRACE_MINUTES = "ReconcileGraceMinutes"
RECONCILE_SCHEDULE = "ReconcileSchedule"

# A paused serverless Azure SQL database takes up to a minute to wake up.
_CONNECT_SECONDS = 90
_STATEMENT_SECONDS = 60
_HISTORY_DAYS = 30
_GRACE_MINUTES = 10
_NEXT_MOVE = "copy local.settings.example.json to local.settings.json, or set it in the app's configuration"
# App Service gives each of an app's connection strings the prefix of its type.
_CONNECTION_STRINGS = ("connectionstrings:", "customconnstr_", "sqlazureconnstr_", "sqlconnstr_", "mysqlconnstr_")
_IDENTITY_KEYS = ("accountName", "blobServiceUri", "queueServiceUri", "serviceUri", "credential", "clientId")


@dataclass(frozen=True)
class StorageSettings:
    """How to reach the images' account: a connection string, or the two service URLs and an identity.

    Attributes:
        account: storage account name.
        managed_identity: use the app's managed identity only, not the developer's sign-in.
        client_id: of a user-assigned identity; None for the system-assigned one.
    """

    account: str
    connection_string: str | None = field(default=None, repr=False)
    blob_url: str | None = None
    queue_url: str | None = None
    managed_identity: bool = False
    client_id: str | None = None


@dataclass(frozen=True)
class SqlSettings:
    """How to reach the database; the time limits are in whole seconds."""

    connection_string: str = field(repr=False)
    connect_timeout: int = _CONNECT_SECONDS
    statement_timeout: int = _STATEMENT_SECONDS


def image_storage(environ: Mapping[str, str] = os.environ) -> StorageSettings:
    """Read ``ImageStorage``.

    Raises:
        SettingError: it is absent or malformed.
    """
    find = _by_name(environ)
    for name in _names(IMAGE_STORAGE):
        if connection_string := find(name):
            return _by_connection_string(connection_string)
        identity = {key: find(part) for key, part in _identity_names(name).items()}
        if any(identity[key] for key in ("accountName", "blobServiceUri", "serviceUri")):
            return _by_identity(identity)
    raise SettingError(f"{IMAGE_STORAGE} is not set; {_NEXT_MOVE}")


def _by_identity(identity: Mapping[str, str]) -> StorageSettings:
    blob_url = identity["blobServiceUri"] or identity["serviceUri"]
    blob_url = blob_url or f"https://{identity['accountName']}.blob.core.windows.net"
    return StorageSettings(
        account=identity["accountName"] or _account_of(blob_url),
        blob_url=blob_url,
        queue_url=identity["queueServiceUri"] or blob_url.replace(".blob.", ".queue.", 1),
        managed_identity=identity["credential"].lower() == "managedidentity",
        client_id=identity["clientId"] or None,
    )


def sql(environ: Mapping[str, str] = os.environ) -> SqlSettings:
    """Read ``SqlConnectionString`` and the two time limits.

    Raises:
        SettingError: the connection string is absent or malformed, or a limit is not a positive whole number.
    """
    connection_string = next(filter(None, map(_by_name(environ), _names(SQL_CONNECTION_STRING))), "").strip()
    if not connection_string:
        raise SettingError(f"{SQL_CONNECTION_STRING} is not set; {_NEXT_MOVE}")
    if "=" not in connection_string:
        raise SettingError(
            f"expected {SQL_CONNECTION_STRING} to be an ODBC connection string, found no keyword with a value in it; "
            "README.md shows one for SQL Server"
        )
    return SqlSettings(
        connection_string,
        _seconds(environ, SQL_CONNECT_TIMEOUT, _CONNECT_SECONDS),
        _seconds(environ, SQL_STATEMENT_TIMEOUT, _STATEMENT_SECONDS),
    )


def store_location(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether latitude and longitude are kept: personal data, so off unless ``STORE_LOCATION`` says 1, true or on.

    Raises:
        SettingError: it has another value.
    """
    return _is_on(environ, STORE_LOCATION)


def store_blob_metadata(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether an uploader's own blob metadata is kept; off unless ``STORE_BLOB_METADATA`` says 1, true or on.

    Raises:
        SettingError: it has another value.
    """
    return _is_on(environ, STORE_BLOB_METADATA)


def keep_history(environ: Mapping[str, str] = os.environ) -> timedelta | None:
    """How long the history of a completed orchestration is kept, from ``KeepHistoryDays``; None (0 days) forever.

    Raises:
        SettingError: it is not a whole number.
    """
    days = _whole_number(environ, KEEP_HISTORY_DAYS, _HISTORY_DAYS, "days")
    return timedelta(days=days) if days else None


def reconcile_grace(environ: Mapping[str, str] = os.environ) -> timedelta:
    """How old an upload is before reconciliation announces it, from ``ReconcileGraceMinutes``.

    Raises:
        SettingError: it is not a whole number.
    """
    return timedelta(minutes=_whole_number(environ, RECONCILE_GRACE_MINUTES, _GRACE_MINUTES, "minutes"))


def reconcile_schedule(environ: Mapping[str, str] = os.environ) -> str | None:
    """When reconciliation runs, from ``ReconcileSchedule``; None where only the host knows it."""
    return environ.get(RECONCILE_SCHEDULE, "").strip() or None


def certificates(environ: Mapping[str, str] = os.environ) -> str | bool:
    """The certificate authorities to trust: the file that the environment names for `requests`, else the default."""
    return environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or True


def has_proxy() -> bool:
    """Whether the environment, or the system's own settings, name a proxy."""
    return bool(getproxies())


def _by_name(environ: Mapping[str, str]) -> Callable[[str], str]:
    """Finds a setting by its lower-case name, with ``:`` for the double underscore that separates its parts.

    The setting is "" where there is none. Values are read when they are asked for: to read all of them takes longer.
    """
    names = {name.replace("__", ":").lower(): name for name in environ}
    return lambda name: environ[names[name]] if name in names else ""


@cache
def _names(connection: str) -> tuple[str, ...]:
    """The names under which the host looks for a connection, in its order."""
    names = (f"azurewebjobs{connection}".lower(), connection.lower())
    return tuple(f"{prefix}{name}" for name in names for prefix in (*_CONNECTION_STRINGS, ""))


@cache
def _identity_names(connection: str) -> Mapping[str, str]:
    """By key, the names of the settings that make an identity-based connection."""
    return {key: f"{connection}:{key}".lower() for key in _IDENTITY_KEYS}


def _by_connection_string(connection_string: str) -> StorageSettings:
    parts = dict(part.split("=", 1) for part in connection_string.split(";") if "=" in part)
    values = {key.strip().lower(): value.strip() for key, value in parts.items()}
    if values.get("usedevelopmentstorage", "").lower() == "true":
        # The SDK accepts lower-case "true" only.
        return StorageSettings("devstoreaccount1", "UseDevelopmentStorage=true")
    _require_key(values.get("accountkey", ""))
    endpoint = values.get("blobendpoint", "")
    for key in ("blobendpoint", "queueendpoint"):
        _split(values.get(key, ""))
    if not (values.get("accountname") or endpoint):
        raise SettingError(
            f"expected {IMAGE_STORAGE} to be a connection string with AccountName or BlobEndpoint, found neither; "
            "copy it from the storage account's access keys"
        )
    if any(part.strip() and "=" not in part for part in connection_string.split(";")):
        raise SettingError(
            f"expected every part of {IMAGE_STORAGE} to be a name with a value, found one without; "
            "copy the connection string from the storage account's access keys"
        )
    return StorageSettings(values.get("accountname") or _account_of(endpoint), connection_string)


def _require_key(key: str) -> None:
    """Refuse a key that the SDK could not sign with, which it would report as a missing sign-in."""
    try:
        base64.b64decode(key, validate=True)
    except ValueError:
        raise SettingError(
            f"expected the AccountKey in {IMAGE_STORAGE} to be base64, found other text; "
            "copy the connection string from the storage account's access keys"
        ) from None


def _account_of(endpoint: str) -> str:
    """The account that a blob endpoint names: first label of the host, or first path segment on a bare address."""
    url = _split(endpoint)
    host = url.hostname or ""
    is_address = host == "localhost" or host.replace(".", "").isdigit() or ":" in host
    account = url.path.strip("/").partition("/")[0] if is_address else host.partition(".")[0]
    if not account:
        raise SettingError(
            f"expected the blob endpoint of {IMAGE_STORAGE} to name an account, found none; check its URL"
        )
    return account


def _split(endpoint: str) -> SplitResult:
    try:
        return urlsplit(endpoint)
    except ValueError:
        raise SettingError(
            f"expected the endpoints of {IMAGE_STORAGE} to be URLs, found one that cannot be read; correct it"
        ) from None


def _is_on(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "").strip()
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"", "0", "false", "no", "off"}:
        return False
    raise SettingError(f"expected {name} to be true or false, found {printable(value)}; set one of the two")


def _seconds(environ: Mapping[str, str], name: str, default: int) -> int:
    seconds = _whole_number(environ, name, default, "seconds above 0")
    if not seconds:
        raise SettingError(f"expected {name} to be a whole number of seconds above 0, found 0; correct it")
    return seconds


def _whole_number(environ: Mapping[str, str], name: str, default: int, unit: str) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdecimal()):
        raise SettingError(f"expected {name} to be a whole number of {unit}, found {printable(text)}; correct it")
    return int(text)
