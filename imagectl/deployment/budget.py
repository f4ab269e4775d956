"""Before provisioning: the month in which the budget starts.

Azure refuses to change the start of a budget, and to create one that starts in an earlier month. So a budget that
exists keeps its start, whatever the azd environment remembers; a new one starts with the current month.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from imagectl.deployment.arm import Arm
from imagectl.deployment.azd import azd
from imagectl.deployment.errors import DeploymentError

VARIABLE = "BUDGET_START"
"""The variable of the azd environment that infra/main.parameters.json passes to the templates."""

_ENVIRONMENT = "AZURE_ENV_NAME"
_GROUPS_VERSION = "2021-04-01"
_BUDGETS_VERSION = "2024-08-01"
_NAME = "budget-"


def keep_budget_start(
    arm: Arm, environ: Mapping[str, str], now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> None:
    """Write the start of the budget into the azd environment, unless it is there already.

    Raises:
        DeploymentError: Azure or azd does not accept the request, or azd does not run this.
    """
    if not environ.get(_ENVIRONMENT):
        raise DeploymentError(f"expected azd to run this hook, found no {_ENVIRONMENT}; run azd provision")
    start = _deployed_start(arm, environ) or f"{now():%Y-%m}-01T00:00:00Z"
    if environ.get(VARIABLE) == start:
        return
    ended = azd("env", "set", VARIABLE, start, "--environment", environ[_ENVIRONMENT])
    if ended.returncode != 0:
        raise DeploymentError(
            f"expected azd to store {VARIABLE}, found exit status {ended.returncode}; "
            f"run azd env set {VARIABLE} {start}, then azd provision"
        )
    print(f"The budget starts on {start[:10]}.")


def _deployed_start(arm: Arm, environ: Mapping[str, str]) -> str | None:
    """When the budget of this azd environment starts; None when there is none yet."""
    subscription = environ.get("AZURE_SUBSCRIPTION_ID")
    if not subscription:
        return None
    tagged = {"$filter": f"tagName eq 'azd-env-name' and tagValue eq '{environ[_ENVIRONMENT]}'"}
    groups = arm.get(f"/subscriptions/{subscription}/resourcegroups", _GROUPS_VERSION, tagged)
    for group in groups["value"]:
        budgets = arm.get(f"{group['id']}/providers/Microsoft.Consumption/budgets", _BUDGETS_VERSION)
        for budget in budgets["value"]:
            if budget["name"].startswith(_NAME):
                return str(budget["properties"]["timePeriod"]["startDate"])
    return None
