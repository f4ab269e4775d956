"""After provisioning: the tables, the app's database user, and what it may do."""

import re
import uuid
from typing import Any

from imagectl.deployment.errors import DeploymentError
from imagectl.deployment.outputs import Outputs
from imagectl.repository import REPOSITORY

_SCRIPTS = REPOSITORY / "sql"
_NAME = re.compile(r"[\w-]+")


def prepare_database(connection: Any, deployed: Outputs) -> None:
    """Apply schema, user and grants; a second time changes nothing.

    Raises:
        DeploymentError: the database user is not the app's identity afterwards.
    """
    run(connection, (_SCRIPTS / "sqlserver.sql").read_text("utf-8"))
    print("The tables are up to date.")
    run(connection, access_script(deployed.app_identity_name, deployed.app_identity_client_id))
    found = _sid(connection, deployed.app_identity_name)
    if found != security_id(deployed.app_identity_client_id):
        raise DeploymentError(
            f"expected the database user {deployed.app_identity_name} to be the app's identity, "
            "found another security id; drop the user, then run azd provision"
        )
    print(f"{deployed.app_identity_name} may read and insert, and nothing else.")


def security_id(client_id: str) -> bytes:
    """What Azure SQL knows an identity by: its client id's 16 bytes in SQL Server's order of a UNIQUEIDENTIFIER."""
    return uuid.UUID(client_id).bytes_le


def access_script(name: str, client_id: str) -> str:
    """sql/least-privilege.sql for a managed identity, by its client id: asks nothing of the directory.

    Raises:
        DeploymentError: the name or the id is not one that Azure gives.
    """
    if not _NAME.fullmatch(name):
        raise DeploymentError(f"expected the name of an identity, found {name!r}; run azd provision")
    script = (_SCRIPTS / "least-privilege.sql").read_text("utf-8")
    for variable, value in (("@identity", name), ("@clientId", str(uuid.UUID(client_id)))):
        script, count = re.subn(rf"(DECLARE {variable} \w+(?:\(\d+\))?) = NULL;", rf"\1 = N'{value}';", script)
        if count != 1:
            raise DeploymentError(f"expected {variable} in sql/least-privilege.sql, found it {count} times")
    return script


def run(connection: Any, script: str) -> None:
    """Run a script of one batch; an error after its first statement comes with the result set it belongs to."""
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
