"""azure.yaml. Its schema is in no package, so these assertions stand for it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from imagectl.deployment.hooks import HOOKS
from imagectl.deployment.outputs import outputs
from imagectl.deployment.staging import STAGED
from tests.deployment.fakes import ENVIRONMENT
from tests.support.bicep import Template

ROOT = Path(__file__).resolve().parents[2]
AZURE: dict[str, Any] = YAML(typ="safe").load(ROOT / "azure.yaml")
SERVICE = AZURE["services"]["app"]
HOOK_FILES = [*AZURE["hooks"].values(), *SERVICE["hooks"].values()]


def test_every_hook_exists_and_has_a_virtual_environment_of_its_own():
    assert list(AZURE["hooks"]) == list(HOOKS)
    assert list(SERVICE["hooks"]) == ["prepackage"]
    assert all(hook["kind"] == "python" and (ROOT / hook["run"]).is_file() for hook in HOOK_FILES)
    environments = {Path(hook["run"]).parent / hook["config"]["virtualEnvName"] for hook in HOOK_FILES}
    assert environments == {Path("infra/hooks/hooks_env"), Path("infra/staging/staging_env")}
    assert all((ROOT / folder.parent / "requirements.txt").is_file() for folder in environments)


def test_the_staged_folder_is_deployed_to_the_site_with_the_service_tag(templates: dict[str, Template]):
    assert (SERVICE["host"], SERVICE["language"], SERVICE["project"]) == ("function", "python", ".")
    assert SERVICE["dist"] == STAGED.name
    assert templates["app"].resource("site").body["tags"] == {"azd-service-name": "app"}
    assert "environmentName" in templates["main"].resource("group").body["tags"]["azd-env-name"]


def test_files_of_azd_are_ignored_by_git():
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {".azure/", f"{STAGED.name}/", "*_env/"} <= set(ignored)


def test_the_hooks_read_every_output_of_the_template_and_no_other(templates: dict[str, Template]):
    assert set(templates["main"].outputs) | {"AZURE_SUBSCRIPTION_ID"} == set(ENVIRONMENT)
    assert outputs(ENVIRONMENT)


@pytest.mark.parametrize("hook", list(HOOKS))
def test_a_hook_runs_from_its_own_folder_as_azd_runs_it(hook: str):
    # Without an azd environment every hook ends at once and says what to run.
    folder = ROOT / "infra" / "hooks"
    command = [sys.executable, f"{hook}.py"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AZURE_")}
    ended = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert re.fullmatch(rf"{hook}: expected .+, found .+; run azd \w+\n", ended.stderr)


def test_the_parameters_file_names_its_schema():
    schema = json.loads((ROOT / "infra" / "main.parameters.json").read_text("utf-8"))["$schema"]
    assert schema.endswith("/deploymentParameters.json#")
