"""`imagectl --azd`: use what azd deployed, as the account that is signed in with azd."""

import os
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from image_metadata import settings
from image_metadata.database.connections import driver
from image_metadata.database.sign_in import signed_in
from imagectl.deployment.arm import Arm
from imagectl.deployment.host_keys import host_keys
from imagectl.deployment.outputs import Outputs, environment_outputs
from imagectl.deployment.sign_in import credential
from imagectl.deployment.sql_session import OpenConnection, connection_string, open_firewall
from imagectl.pipeline.durable_api import KEY_VARIABLE
from imagectl.pipeline.poison_queue import POLLING_DISABLED

LOCAL_VERBS = frozenset({"setup", "demo", "start"})
"""Verbs about this machine; all others work on a pipeline, wherever it is."""


@contextmanager
def deployed(
    environ: MutableMapping[str, str] = os.environ,
    arm: Arm | None = None,
    open_connection: OpenConnection | None = None,
) -> Iterator[Outputs]:
    """Put the deployment's settings into the environment, and keep its database's firewall open to this machine.

    Args:
        environ: receives the settings.
        arm: defaults to a client for the account that is signed in with azd.
        open_connection: opens a database connection; defaults to Microsoft's ODBC driver.

    Raises:
        DeploymentError: nothing is deployed, or nobody is signed in.
    """
    found = environment_outputs()
    point_to(environ, found)
    arm = arm or Arm(credential(environ))
    environ[KEY_VARIABLE] = durable_key(arm, found)
    with open_firewall(arm, found, open_connection or _open_connection):
        yield found


def point_to(environ: MutableMapping[str, str], found: Outputs) -> None:
    """Replace the app's settings by those of the deployment; none of them is a secret."""
    connections = (settings.IMAGE_STORAGE.lower(), settings.SQL_CONNECTION_STRING.lower())
    # A connection can be set under several names, with a prefix and in any case.
    for name in [name for name in environ if any(connection in name.lower() for connection in connections)]:
        del environ[name]
    environ["AZURE_TENANT_ID"] = found.azure_tenant_id
    # The account that is signed in with another tool may be a different one.
    environ["AZURE_TOKEN_CREDENTIALS"] = "AzureDeveloperCliCredential"  # noqa: S105  # the name of a class
    # Not deployed, so that there is no queue of its own to look into.
    environ[POLLING_DISABLED] = "true"
    environ["ImageStorage__blobServiceUri"] = found.images_blob_url
    environ["ImageStorage__queueServiceUri"] = found.images_queue_url
    environ[settings.RECONCILE_SCHEDULE] = found.reconcile_schedule
    environ[settings.SQL_CONNECTION_STRING] = _for_odbc(connection_string(found))


def durable_key(arm: Arm, found: Outputs) -> str:
    """The key of the app's durable API, which never leaves this process."""
    key: str = host_keys(arm, found)["systemKeys"]["durabletask_extension"]
    return key


def odbc_driver() -> str:
    """Microsoft's driver: on Linux the one from a Python package, elsewhere the installed one."""
    package = find_spec("mssql_python_odbc")
    folder = Path(package.origin).parent if package and package.origin else Path()
    libraries = sorted(folder.glob("libs/linux/debian_ubuntu/*/lib/libmsodbcsql*"))
    return str(libraries[0]) if libraries else "ODBC Driver 18 for SQL Server"


def _open_connection(connection_string: str) -> Any:
    text, options = signed_in(_for_odbc(connection_string))
    return driver().connect(text, autocommit=True, timeout=90, **options)


def _for_odbc(connection_string: str) -> str:
    return f"Driver={{{odbc_driver()}}};{connection_string};Authentication=ActiveDirectoryDefault"
