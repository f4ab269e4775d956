"""Who acts: the sign-in of azd, on a laptop and in a workflow."""

from collections.abc import Mapping

from azure.identity import AzureDeveloperCliCredential


def credential(environ: Mapping[str, str]) -> AzureDeveloperCliCredential:
    """In the tenant of the deployment, where it is known: a guest's own one is another."""
    return AzureDeveloperCliCredential(tenant_id=environ.get("AZURE_TENANT_ID", ""), process_timeout=60)
