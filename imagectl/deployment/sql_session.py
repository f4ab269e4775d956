"""Reach the deployed database as its administrator, from wherever this runs."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from azure.core.credentials import TokenCredential

from imagectl.deployment.arm import Arm
from imagectl.deployment.errors import DeploymentError
from imagectl.deployment.outputs import Outputs
from imagectl.deployment.waiting import Patience

RESUMING = Patience(seconds=300)

Dial = Callable[[str], Any]
"""Opens a DB-API connection, in autocommit mode, for a connection string."""

_FIREWALL = re.compile(r"Client with IP address '(?P<address>[0-9.]+)' is not allowed")
# 40613: paused, and resuming since this login; 40615: the firewall, whose new rules take up to five minutes.
_NOT_YET = re.compile(r"\b40613\b|is not currently available|is not allowed to access|[Tt]imeout|timed out")
_VERSION = "2023-08-01"


@contextmanager
def session(arm: Arm, deployed: Outputs, dial: Dial, patience: Patience = RESUMING) -> Iterator[Any]:
    """A connection. Where the server's firewall refuses this address, a rule for it exists meanwhile.

    Raises:
        DeploymentError: the database cannot be reached; the sentence says why.
    """
    with open_firewall(arm, deployed, dial, patience), closing(dial(connection_string(deployed))) as connection:
        yield connection


@contextmanager
def open_firewall(arm: Arm, deployed: Outputs, dial: Dial, patience: Patience = RESUMING) -> Iterator[None]:
    """Let this machine in for a while: the address is the one that the server itself names when it refuses."""
    rules: list[str] = []

    def reached() -> bool | None:
        try:
            dial(connection_string(deployed)).close()
        except Exception as error:  # noqa: BLE001  # drivers have classes of their own; the text decides
            said = str(error)
            if not _NOT_YET.search(said):
                sentence = said.splitlines()[0]
                raise DeploymentError(
                    f"expected the database to take the operator's sign-in, found: {sentence}; "
                    "sign in with azd as the operator that was deployed"
                ) from None
            refused = _FIREWALL.search(said)
            if refused and not rules:
                rules.append(f"{deployed.sql_resource}/firewallRules/operator-{uuid.uuid4().hex[:8]}")
                address = refused["address"]
                arm.put(rules[0], _VERSION, {"startIpAddress": address, "endIpAddress": address})
            return None
        return True

    try:
        patience.until(reached, "the database to answer", "look at the server's firewall and at the database's state")
        yield
    finally:
        for rule in rules:
            arm.delete(rule, _VERSION)


def connection_string(deployed: Outputs) -> str:
    return f"Server=tcp:{deployed.sql_server},1433;Database={deployed.sql_database};Encrypt=yes"


def dial_with(credential: TokenCredential) -> Dial:
    """Dial with a token of this sign-in and the driver that mssql-python brings; the token is in no string."""

    def dial(connection_string: str) -> Any:
        import mssql_python  # noqa: PLC0415  # only the hooks' environment has it

        return mssql_python.connect(connection_string, autocommit=True, timeout=90, token_provider=credential)

    return dial
