"""After provisioning: tables, the app's database user, and its grants."""

import re
import uuid
from typing import Any

from imagectl.deployment.errors import DeploymentError
from imagectl.deployment.outputs import Outputs
from imagectl.repository import REPOSITORY

_SCRIPTS = REPOSITORY / "sql"
_NAME = re.compile(r"[\w-]+")


def prepare_database(connection: Any, deployed: Outputs) -> None:
    """Apply schema, user and grants; running it again changes nothing.

    Raises:
        DeploymentError: the database user does not belong to the app's identity.
    """
    run(connection, (_SCRIPTS / "sqlserver.sql").read_text("utf-8"))
    print("The tables are up to date.")
    run(connection, access_script(deployed.app_identity_name, deployed.app_identity_client_id))
    found = _sid(connection, deployed.app_identity_name)
    if found != sid_of(deployed.app_identity_client_id):
        raise DeploymentError(
            f"expected the database user {deployed.app_identity_name} to belong to the app's identity, "
            "found another SID; drop the user, then run azd provision"
        )
    print(f"The app's database user is {deployed.app_identity_name}.")


def sid_of(client_id: str) -> bytes:
    """The SID of an identity in Azure SQL: its client id, in the byte order of a UNIQUEIDENTIFIER."""
    return uuid.UUID(client_id).bytes_le


def access_script(name: str, client_id: str) -> str:
    """``sql/least-privilege.sql`` with the managed identity filled in.

    Raises:
        DeploymentError: the name is not one of an identity, or the script has changed its variables.
    """
    if not _NAME.fullmatch(name):
        raise DeploymentError(f"expected the name of an identity, found {name!r}; run azd provision")
    script = (_SCRIPTS / "least-privilege.sql").read_text("utf-8")
    for variable, value in (("@identity", name), ("@clientId", str(uuid.UUID(client_id)))):
        script, count = re.subn(rf"(DECLARE {variable} \w+(?:\(\d+\))?) = NULL;", rf"\1 = N'{value}';", script)
        if count != 1:
            raise DeploymentError(
                f"expected one {variable} in sql/least-privilege.sql, found {count}; restore the script"
            )
    return script


def run(connection: Any, script: str) -> None:
    """Run a script of one batch to its end: an error after the first statement arrives with its result set."""
    cursor = connection.cursor()
    cursor.execute(script)
    while cursor.nextset():
        pass
    cursor.close()


def _sid(connection: Any, name: str) -> bytes | None:
    cursor = connection.cursor()
    row = cursor.execute("SELECT sid FROM sys.database_principals WHERE name = ?", (name,)).fetchone()
    cursor.close()
    return bytes(row[0]) if row else None
