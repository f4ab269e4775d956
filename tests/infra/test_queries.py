"""The log queries of alerts and runbook, by the parser of Kusto itself."""

import json
import re
import shutil
import subprocess
from pathlib import Path

from tests.support.bicep import Template

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = "timestamp: datetime, operation_Name: string, severityLevel: int, itemCount: int, customDimensions: dynamic"
TABLES = {
    "traces": f"({COLUMNS}, message: string)",
    "exceptions": f"({COLUMNS}, type: string, outerMessage: string)",
    "requests": f"({COLUMNS}, name: string, success: string, resultCode: string, duration: real)",
    "_LogOperation": "(TimeGenerated: datetime, Category: string, Operation: string, Level: string, Detail: string)",
}
"""What the queries use of the tables of an Application Insights component and its workspace."""


def errors(queries: dict[str, str]) -> dict[str, list[str]]:
    given = json.dumps({"tables": TABLES, "queries": queries})
    command = [str(shutil.which("node")), str(ROOT / "tests" / "infra" / "kusto.cjs")]
    answer = subprocess.run(command, input=given, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    found: dict[str, list[str]] = json.loads(answer.stdout)
    return found


def test_every_query_is_valid(templates: dict[str, Template]):
    alerts = {found["name"]: found["query"] for found in templates["alerts"].variables["logAlerts"]}
    runbook = (ROOT / "docs" / "operations.md").read_text("utf-8")
    documented = re.findall(r"^```kusto\n(.*?)^```", runbook, re.MULTILINE | re.DOTALL)
    queries = alerts | {f"runbook {place}": query for place, query in enumerate(documented)}
    assert len(queries) == 10
    assert errors(queries) == {name: [] for name in queries}


def test_an_invalid_query_is_detected():
    found = errors({"operator": "traces | wherex message == ''", "column": "traces | where messag == ''"})
    assert all(found.values())
