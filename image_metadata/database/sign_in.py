"""``Authentication=ActiveDirectoryDefault``: the account that is signed in on this machine.

Microsoft's other SQL drivers support it; the ODBC driver needs an access token instead.
"""

import re
import struct
from functools import cache
from typing import Any

from azure.core.credentials import TokenCredential
from azure.core.exceptions import ClientAuthenticationError

from image_metadata.errors import TransientDatabaseError

_DEFAULT = re.compile(r"(^|;)\s*Authentication\s*=\s*ActiveDirectoryDefault\s*(?=;|$)", re.IGNORECASE)
_SCOPE = "https://database.windows.net/.default"
_ACCESS_TOKEN = 1256  # SQL_COPT_SS_ACCESS_TOKEN in the driver's msodbcsql.h


def signed_in(connection_string: str, credential: TokenCredential | None = None) -> tuple[str, dict[str, Any]]:
    """The connection string for the ODBC driver, and further arguments of ``pyodbc.connect``.

    Raises:
        TransientDatabaseError: nobody is signed in.
    """
    for_driver, asked = _DEFAULT.subn(r"\1", connection_string)
    if not asked:
        return connection_string, {}
    try:
        token = (credential or _developer()).get_token(_SCOPE).token.encode("utf-16-le")
    except ClientAuthenticationError:
        raise TransientDatabaseError(
            "expected a sign-in for Azure SQL, found none; run azd auth login or az login"
        ) from None
    return for_driver, {"attrs_before": {_ACCESS_TOKEN: struct.pack("<i", len(token)) + token}}


@cache
def _developer() -> TokenCredential:
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415  # slow to load; the deployed app never asks

    return DefaultAzureCredential()
