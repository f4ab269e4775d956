"""Before provisioning: find what would make the deployment fail half-way."""

from collections.abc import Mapping

from imagectl.deployment.arm import Arm
from imagectl.deployment.errors import DeploymentError
from imagectl.deployment.polling import Polling

PROVIDERS = (
    # Application Insights creates a smart-detection rule by itself.
    "Microsoft.AlertsManagement",
    "Microsoft.Consumption",
    "Microsoft.EventGrid",
    "Microsoft.Insights",
    "Microsoft.ManagedIdentity",
    "Microsoft.OperationalInsights",
    "Microsoft.Sql",
    "Microsoft.Storage",
    "Microsoft.Web",
)
REGISTRATION = Polling(seconds=600)

_VERSION = "2021-04-01"
_REGIONS_VERSION = "2024-11-01"


def check(arm: Arm, environ: Mapping[str, str], polling: Polling = REGISTRATION) -> None:
    """Check the region, and register the resource providers that are not registered.

    Raises:
        DeploymentError: the region has no Flex Consumption, or a provider cannot be registered.
    """
    if not environ.get("AZURE_SUBSCRIPTION_ID"):
        # On the first run azd asks for subscription and region after this hook.
        print("No subscription is selected yet; region and resource providers will be checked next time.")
        return
    subscription = f"/subscriptions/{environ['AZURE_SUBSCRIPTION_ID']}"
    _check_region(arm, subscription, environ.get("AZURE_LOCATION", ""))
    for provider in PROVIDERS:
        _register(arm, f"{subscription}/providers/{provider}", polling)
    print(f"{len(PROVIDERS)} resource providers are registered.")


def _check_region(arm: Arm, subscription: str, location: str) -> None:
    if not location:
        return
    regions = arm.get(
        f"{subscription}/providers/Microsoft.Web/geoRegions", _REGIONS_VERSION, {"sku": "FlexConsumption"}
    )
    names = sorted(region["name"].replace(" ", "").lower() for region in regions["value"])
    if location not in names:
        raise DeploymentError(
            f"expected a region with Flex Consumption, found {location}; "
            f"run azd env set AZURE_LOCATION with one of {', '.join(names)}"
        )


def _register(arm: Arm, provider: str, polling: Polling) -> None:
    def registered() -> bool | None:
        return arm.get(provider, _VERSION)["registrationState"] == "Registered" or None

    if not registered():
        arm.post(f"{provider}/register", _VERSION)
        name = provider.rpartition("/")[2]
        polling.until(registered, f"the registration of {name}", f"run az provider register --namespace {name}")
