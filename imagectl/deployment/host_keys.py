"""The keys of the deployed host, which are asked for each time and never stored."""

from typing import Any

from imagectl.deployment.arm import Arm
from imagectl.deployment.outputs import Outputs

_VERSION = "2024-11-01"


def host_keys(arm: Arm, deployed: Outputs) -> dict[str, Any]:
    """The answer of Web Apps - List Host Keys: ``masterKey``, ``functionKeys`` and ``systemKeys`` by name.

    Raises:
        DeploymentError: nobody is signed in, or Azure does not accept the request.
    """
    keys: dict[str, Any] = arm.post(f"{deployed.site}/host/default/listkeys", _VERSION)
    return keys
