"""Before the code is deployed: wait until the role assignments have reached storage."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from imagectl.deployment.arm import Arm
from imagectl.deployment.outputs import Outputs
from imagectl.deployment.waiting import Patience

PROPAGATION = Patience(seconds=600)

# A package upload was refused about a minute after its role was assigned (Azure/azure-dev#8026).
_SETTLED = timedelta(minutes=3)
_ROLES_OF_THE_APP = 3
_VERSION = "2022-04-01"


def wait_for_roles(
    arm: Arm,
    deployed: Outputs,
    patience: Patience = PROPAGATION,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Wait until each role of the app on its host's account was assigned three minutes ago.

    Whether storage knows them yet, only the app could ask.

    Raises:
        DeploymentError: they are not there.
    """
    principal = deployed.app_identity_principal_id
    assignments = f"{deployed.host_account_id}/providers/Microsoft.Authorization/roleAssignments"

    def settled() -> bool | None:
        found = arm.get(assignments, _VERSION, {"$filter": f"principalId eq '{principal}'"})["value"]
        times = [datetime.fromisoformat(assignment["properties"]["createdOn"]) for assignment in found]
        return (len(times) >= _ROLES_OF_THE_APP and max(times) <= now() - _SETTLED) or None

    patience.until(settled, "the app's roles to reach storage", "run azd provision, then azd deploy")
