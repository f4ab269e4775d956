"""The start of the budget, which Azure refuses to change, against a fake Resource Manager and a script for azd."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from imagectl.deployment.budget import keep_budget_start
from imagectl.deployment.errors import DeploymentError
from tests.deployment.fakes import FakeResourceManager

OCTOBER, NOVEMBER = "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"
SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-test"
NAMED = {"AZURE_ENV_NAME": "test"}
ENVIRON = NAMED | {"AZURE_SUBSCRIPTION_ID": SUBSCRIPTION.rpartition("/")[2]}


def now() -> datetime:
    return datetime(2026, 11, 25, tzinfo=UTC)


class Azd:
    """A PATH on which azd is a script that records its arguments and ends with an exit status."""

    def __init__(self, folder: Path) -> None:
        self.script, self.record = folder / "azd", folder / "record"
        self.path = f"{folder}{os.pathsep}{os.environ['PATH']}"
        self.ends_with(0)

    def ends_with(self, status: int) -> None:
        lines = (f"#!{sys.executable}", "import sys", f"print(*sys.argv[1:], file=open({str(self.record)!r}, 'a'))")
        self.script.write_text("\n".join([*lines, f"sys.exit({status})", ""]), "utf-8")
        self.script.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        return self.record.read_text("utf-8").splitlines() if self.record.exists() else []


@pytest.fixture
def azd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Azd:
    azd = Azd(tmp_path)
    monkeypatch.setenv("PATH", azd.path)
    return azd


def azure(*budgets: tuple[str, str], groups: int = 1) -> FakeResourceManager:
    """A subscription with this many groups of the environment, and these budgets (name, start) in each."""

    def answer(_method: str, path: str) -> tuple[int, object]:
        if path.startswith(f"{SUBSCRIPTION}/resourcegroups?"):
            assert "azd-env-name" in path
            assert "test" in path
            return 200, {"value": [{"id": GROUP}] * groups}
        assert path.startswith(f"{GROUP}/providers/Microsoft.Consumption/budgets?")
        return 200, {
            "value": [{"name": name, "properties": {"timePeriod": {"startDate": start}}} for name, start in budgets]
        }

    return FakeResourceManager(answer)


def stored(start: str) -> str:
    return f"env set BUDGET_START {start} --environment test"


def test_before_a_subscription_is_selected_the_budget_starts_with_this_month(azd: Azd):
    arm = azure()
    keep_budget_start(arm.client(), NAMED, now)
    assert azd.calls == [stored(NOVEMBER)]
    assert arm.requests == []


@pytest.mark.parametrize("groups", [0, 1])
def test_without_a_budget_it_starts_with_this_month(azd: Azd, groups: int):
    keep_budget_start(azure(groups=groups).client(), ENVIRON, now)
    assert azd.calls == [stored(NOVEMBER)]


def test_a_budget_of_an_earlier_month_keeps_its_start(azd: Azd):
    keep_budget_start(azure(("budget-x", OCTOBER)).client(), ENVIRON | {"BUDGET_START": OCTOBER}, now)
    assert azd.calls == []


def test_a_fresh_checkout_takes_the_start_of_the_budget_that_exists(azd: Azd):
    keep_budget_start(azure(("another", NOVEMBER), ("budget-x", OCTOBER)).client(), ENVIRON, now)
    assert azd.calls == [stored(OCTOBER)]


def test_after_azd_down_a_new_budget_starts_with_this_month(azd: Azd):
    keep_budget_start(azure(groups=0).client(), ENVIRON | {"BUDGET_START": OCTOBER}, now)
    assert azd.calls == [stored(NOVEMBER)]


def test_an_environment_that_azd_does_not_write_stops_the_deployment(azd: Azd):
    azd.ends_with(1)
    with pytest.raises(DeploymentError, match=f"exit status 1; run azd env set BUDGET_START {NOVEMBER}"):
        keep_budget_start(azure().client(), ENVIRON, now)


def test_a_hook_that_azd_does_not_run_says_what_to_run():
    with pytest.raises(DeploymentError, match="found no AZURE_ENV_NAME; run azd provision"):
        keep_budget_start(azure().client(), {}, now)
