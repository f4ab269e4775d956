"""Before the code is deployed: wait until role assignments have propagated to storage."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from imagectl.deployment.arm import Arm
from imagectl.deployment.outputs import Outputs
from imagectl.deployment.polling import Polling

PROPAGATION = Polling(seconds=600)

# A package upload was refused about a minute after its role was assigned (Azure/azure-dev#8026).
_SETTLED = timedelta(minutes=3)
_ROLES_OF_THE_APP = 3
_VERSION = "2022-04-01"


def wait_for_roles(
    arm: Arm,
    deployed: Outputs,
    polling: Polling = PROPAGATION,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Wait until the app's roles on the host's account are three minutes old.

    Their age has to do: only the app itself could try whether storage accepts them.

    Raises:
        DeploymentError: they are not assigned.
    """
    principal = deployed.app_identity_principal_id
    assignments = f"{deployed.host_account_id}/providers/Microsoft.Authorization/roleAssignments"

    def settled() -> bool | None:
        found = arm.get(assignments, _VERSION, {"$filter": f"principalId eq '{principal}'"})["value"]
        times = [datetime.fromisoformat(assignment["properties"]["createdOn"]) for assignment in found]
        return (len(times) >= _ROLES_OF_THE_APP and max(times) <= now() - _SETTLED) or None

    polling.until(settled, "the app's roles to propagate", "run azd provision, then azd deploy")
