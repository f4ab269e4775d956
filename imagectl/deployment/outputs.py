"""The outputs of infra/main.bicep, as azd keeps them in its environment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields

from imagectl.deployment.azd import azd
from imagectl.deployment.errors import DeploymentError


@dataclass(frozen=True)
class Outputs:
    """One deployment. Each attribute is the variable of that name, in upper case; none is a secret."""

    azure_subscription_id: str
    azure_tenant_id: str
    azure_resource_group: str
    function_app_name: str
    function_app_url: str
    app_identity_name: str
    app_identity_client_id: str
    app_identity_principal_id: str
    host_account_id: str
    images_blob_url: str
    images_queue_url: str
    sql_server_name: str
    sql_server: str
    sql_database: str
    reconcile_schedule: str

    @property
    def group(self) -> str:
        """Resource id of the resource group."""
        return f"/subscriptions/{self.azure_subscription_id}/resourceGroups/{self.azure_resource_group}"

    @property
    def site(self) -> str:
        return f"{self.group}/providers/Microsoft.Web/sites/{self.function_app_name}"

    @property
    def sql_resource(self) -> str:
        return f"{self.group}/providers/Microsoft.Sql/servers/{self.sql_server_name}"


def outputs(environ: Mapping[str, str]) -> Outputs:
    """Read them from the variables that azd passes to a hook.

    Raises:
        DeploymentError: one is missing.
    """
    wanted = {found.name: found.name.upper() for found in fields(Outputs)}
    missing = sorted(name for name in wanted.values() if not environ.get(name))
    if missing:
        raise DeploymentError(f"expected the outputs of a deployment, found {missing[0]} missing; run azd up")
    return Outputs(**{attribute: environ[name] for attribute, name in wanted.items()})


def environment_outputs() -> Outputs:
    """Ask azd for the outputs in the environment that is selected in this checkout.

    Raises:
        DeploymentError: azd is not installed, or no environment is deployed.
    """
    answer = azd("env", "get-values", "--output", "json")
    try:
        return outputs(json.loads(answer.stdout))
    except ValueError:
        raise DeploymentError(
            "expected a selected azd environment, found none; run azd env select NAME, or azd up"
        ) from None
