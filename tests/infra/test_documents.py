"""The runbook agrees with the templates."""

import json
import re
from pathlib import Path

import pytest

from imagectl.cli import VERBS
from imagectl.deployment.hooks import HOOKS
from imagectl.deployment.target import LOCAL_VERBS
from tests.support.bicep import Template

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
SCALING = (ROOT / "docs" / "scaling.md").read_text("utf-8")


def section(title: str) -> str:
    return OPERATIONS.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def alerts(templates: dict[str, Template]) -> list[str]:
    variables = templates["alerts"].variables
    return [alert["name"] for alert in (*variables["logAlerts"], *variables["metricAlerts"])]


def test_every_alert_has_its_paragraph(templates: dict[str, Template]):
    names = alerts(templates)
    assert sorted(re.findall(r"^### (\S+)$", section("Alerts"), re.MULTILINE)) == sorted(names)
    assert len(names) == 12
    paragraphs = re.split(r"^### \S+$", section("Alerts"), flags=re.MULTILINE)[1:]
    assert all(len(paragraph.split()) > 15 for paragraph in paragraphs)


def test_every_parameter_is_in_the_runbook():
    values = json.loads((ROOT / "infra" / "main.parameters.json").read_text("utf-8"))["parameters"].values()
    names = {value["value"].strip("${}") for value in values}
    rows = re.findall(r"^\| (`.*?) \|", section("Deploy"), re.MULTILINE)
    assert {name for row in rows for name in row.split("`")[1::2]} == names


def test_the_defaults_in_the_runbook_are_those_of_the_template(templates: dict[str, Template]):
    params = templates["main"].params
    told = {
        "MONTHLY_BUDGET": params["monthlyBudget"].default,
        "LOG_DAILY_CAP_GB": params["logDailyCapGb"].default,
        "PYTHON_VERSION": params["pythonVersion"].default,
        "MAXIMUM_INSTANCE_COUNT": params["maximumInstanceCount"].default,
        "ALWAYS_READY_INSTANCES": params["alwaysReadyInstances"].default,
        "PARTITION_COUNT": params["partitionCount"].default,
        "RECONCILE_SCHEDULE": f"`{params['reconcileSchedule'].default}`",
        "STORE_LOCATION": str(params["storeLocation"].default).lower(),
        "STORE_BLOB_METADATA": str(params["storeBlobMetadata"].default).lower(),
    }
    for name, default in told.items():
        assert re.search(rf"^\| `{name}` .*\| {re.escape(str(default))} \|$", OPERATIONS, re.MULTILINE), name


@pytest.mark.parametrize("text", [OPERATIONS, SCALING], ids=["operations", "scaling"])
def test_every_command_in_a_document_exists(text: str):
    verbs = set(re.findall(r"imagectl --azd ([a-z]+)", text))
    assert verbs
    assert verbs <= set(VERBS) - LOCAL_VERBS
    assert set(re.findall(r"azd hooks run ([a-z]+)", text)) <= set(HOOKS)


def test_every_hook_is_in_the_table_of_steps():
    steps = re.findall(r"^\| (\w+) \|", section("Deploy").partition("### Parameters")[0], re.MULTILINE)
    assert set(HOOKS) | {"prepackage"} == set(steps) - {"provision", "deploy"}


def test_the_scaling_page_is_one_page():
    assert len(SCALING.splitlines()) <= 90


def test_the_dev_container_runs_make_setup():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    assert container["postCreateCommand"] == "make setup"
