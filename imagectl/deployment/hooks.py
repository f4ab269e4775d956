"""The hooks that azd runs (infra/hooks), wired to Azure."""

import os
import sys
from collections.abc import Callable

from azure.storage.blob import ContainerClient

from image_metadata.errors import ImageMetadataError
from image_metadata.intake import CONTAINER
from imagectl.deployment.arm import Arm
from imagectl.deployment.budget import keep_budget_start
from imagectl.deployment.check import check
from imagectl.deployment.database_access import prepare_database
from imagectl.deployment.outputs import outputs
from imagectl.deployment.roles import wait_for_roles
from imagectl.deployment.sign_in import credential
from imagectl.deployment.smoke_test import reconcile_now, smoke_test
from imagectl.deployment.sql_session import opening_with, session


def preprovision() -> None:
    arm = Arm(credential(os.environ))
    check(arm, os.environ)
    keep_budget_start(arm, os.environ)


def postprovision() -> None:
    deployed = outputs(os.environ)
    with session(Arm(credential(os.environ)), deployed, opening_with(credential(os.environ))) as connection:
        prepare_database(connection, deployed)


def predeploy() -> None:
    wait_for_roles(Arm(credential(os.environ)), outputs(os.environ))


def postdeploy() -> None:
    deployed, arm = outputs(os.environ), Arm(credential(os.environ))
    container = ContainerClient(deployed.images_blob_url, CONTAINER, credential=credential(os.environ))
    with session(arm, deployed, opening_with(credential(os.environ))) as connection:
        smoke_test(container, connection)
    reconcile_now(arm, deployed)


HOOKS: dict[str, Callable[[], None]] = {
    "preprovision": preprovision,
    "postprovision": postprovision,
    "predeploy": predeploy,
    "postdeploy": postdeploy,
}


def run(name: str) -> int:
    """Run one hook; exit status 1 stops azd."""
    try:
        HOOKS[name]()
    except ImageMetadataError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    return 0
