"""The account that is signed in with azd, on a laptop or in a workflow."""

import logging
from collections.abc import Mapping

from azure.identity import AzureDeveloperCliCredential

# It logs every error that it raises.
logging.getLogger("azure.identity").setLevel(logging.CRITICAL)


def credential(environ: Mapping[str, str]) -> AzureDeveloperCliCredential:
    """For the tenant of the deployment, once it is known: a guest's default tenant is another one."""
    return AzureDeveloperCliCredential(tenant_id=environ.get("AZURE_TENANT_ID", ""), process_timeout=60)
