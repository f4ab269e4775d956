"""Connections to the deployed database as its administrator, through the server's firewall."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from azure.core.credentials import TokenCredential

from imagectl.deployment.arm import Arm
from imagectl.deployment.errors import DeploymentError
from imagectl.deployment.outputs import Outputs
from imagectl.deployment.polling import Polling

RESUMING = Polling(seconds=300)

OpenConnection = Callable[[str], Any]
"""Opens a DB-API connection in autocommit mode."""

_FIREWALL = re.compile(r"Client with IP address '(?P<address>[0-9.]+)' is not allowed")
# 40613: the database was paused and is resuming. 40615: the firewall; a new rule takes up to five minutes.
_NOT_YET = re.compile(r"\b40613\b|is not currently available|is not allowed to access|[Tt]imeout|timed out")
_VERSION = "2023-08-01"


@contextmanager
def session(arm: Arm, deployed: Outputs, open_connection: OpenConnection, polling: Polling = RESUMING) -> Iterator[Any]:
    """A connection, with a firewall rule for this machine while it is open, if one is needed.

    Raises:
        DeploymentError: the database cannot be reached; the sentence says why.
    """
    with (
        open_firewall(arm, deployed, open_connection, polling),
        closing(open_connection(connection_string(deployed))) as connection,
    ):
        yield connection


@contextmanager
def open_firewall(
    arm: Arm, deployed: Outputs, open_connection: OpenConnection, polling: Polling = RESUMING
) -> Iterator[None]:
    """Add a firewall rule for this machine and remove it afterwards; the server names the address when it refuses."""
    rules: list[str] = []

    def reached() -> bool | None:
        try:
            open_connection(connection_string(deployed)).close()
        except Exception as error:  # noqa: BLE001  # each driver has its own classes; the text tells
            message = str(error)
            if not _NOT_YET.search(message):
                sentence = message.splitlines()[0]
                raise DeploymentError(
                    f"expected the database to accept the operator, found: {sentence}; "
                    "sign in with azd as the operator of this deployment"
                ) from None
            refused = _FIREWALL.search(message)
            if refused and not rules:
                rules.append(f"{deployed.sql_resource}/firewallRules/operator-{uuid.uuid4().hex[:8]}")
                address = refused["address"]
                arm.put(rules[0], _VERSION, {"startIpAddress": address, "endIpAddress": address})
            return None
        return True

    try:
        polling.until(
            reached, "the database to answer", "check the server's firewall and the database's state in the portal"
        )
        yield
    finally:
        for rule in rules:
            arm.delete(rule, _VERSION)


def connection_string(deployed: Outputs) -> str:
    return f"Server=tcp:{deployed.sql_server},1433;Database={deployed.sql_database};Encrypt=yes"


def opening_with(credential: TokenCredential) -> OpenConnection:
    """Connect with mssql-python, which brings its own driver, and an access token."""

    def open_connection(connection_string: str) -> Any:
        import mssql_python  # noqa: PLC0415  # only the hooks' environment has it

        return mssql_python.connect(connection_string, autocommit=True, timeout=90, token_provider=credential)

    return open_connection
