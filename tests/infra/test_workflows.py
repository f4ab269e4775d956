"""The workflows use pinned versions, leave no password in a log, and run what `make` runs at home."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
CI_TEXT = (WORKFLOWS / "ci.yml").read_text("utf-8")
CI: dict[str, Any] = YAML(typ="safe").load(CI_TEXT)
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
USES = re.compile(r"uses: (\S+)")
PINNED = re.compile(r"actions/[\w-]+@[0-9a-f]{40}|Azure/setup-azd@v\d+\.\d+\.\d+")
VERSION = re.search(r"^BICEP_VERSION := (\S+)$", MAKEFILE, re.MULTILINE)


def test_every_action_is_pinned():
    files = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    used = [name for file in files for name in USES.findall(file.read_text("utf-8"))]
    assert len(used) >= 9
    assert [name for name in used if not PINNED.fullmatch(name)] == []


def test_the_deployment_reads_variables_and_no_secret():
    deploy = (ROOT / ".github" / "workflows" / "deploy.yml").read_text("utf-8")
    assert "id-token: write" in deploy
    assert "secrets." not in deploy
    values = (ROOT / "infra" / "main.parameters.json").read_text("utf-8")
    passed = set(re.findall(r"^      ([A-Z_]+): \$\{\{ vars\.\1 \}\}$", deploy, re.MULTILINE))
    signs_in = {"AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_SUBSCRIPTION_ID"}
    assert passed - signs_in <= set(re.findall(r"\$\{([A-Z_]+)\}", values))
    assert signs_in <= passed


def test_services_in_ci_are_pinned_by_digest_and_tools_by_version():
    ci = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    assert re.search(r"image: mcr\.microsoft\.com/mssql/server:\S+@sha256:[0-9a-f]{64}$", ci, re.MULTILINE)
    assert re.search(r"azure-functions-core-tools@\d+\.\d+\.\d+$", ci, re.MULTILINE)


def test_no_checkout_leaves_a_credential_behind():
    checkouts = [
        step
        for file in sorted(WORKFLOWS.glob("*.yml"))
        for job in YAML(typ="safe").load(file.read_text("utf-8"))["jobs"].values()
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert [step["with"]["persist-credentials"] for step in checkouts] == [False] * 4


def test_the_password_of_the_server_in_ci_is_masked_before_it_is_used():
    job = CI["jobs"]["real-host"]
    password = job["services"]["sqlserver"]["env"]["MSSQL_SA_PASSWORD"]
    in_shell = re.sub(r"\$\{\{ github\.(\w+) \}\}", lambda found: f"$GITHUB_{found[1].upper()}", password)
    first, *others = job["steps"]
    assert first["run"] == f'echo "::add-mask::{in_shell}"'
    assert password in others[-1]["env"]["SQL_SERVER"]
    assert "env" not in job
    assert "GITHUB_ENV" not in CI_TEXT


@pytest.mark.parametrize("job", list(CI["jobs"]))
def test_a_job_of_ci_ends_with_a_target_that_runs_at_home(job: str):
    target = CI["jobs"][job]["steps"][-1]["run"].removeprefix("make ")
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


def test_ci_installs_the_compiler_that_make_expects():
    assert VERSION is not None
    assert f"run: az bicep install --version v{VERSION[1]}\n" in CI_TEXT


def test_the_tests_on_a_real_host_exist():
    paths = re.search(r"^ON_A_REAL_HOST := (.+)$", MAKEFILE, re.MULTILINE)
    assert paths is not None
    assert [path for path in paths[1].split() if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("version", "message", "status", "passes"),
    [
        ("0.49.2", "", 0, True),
        ("0.49.2", "main.bicep(1,7) : Warning no-unused-params", 0, False),
        ("0.49.2", "", 1, False),
        ("0.50.1", "", 0, False),
    ],
    ids=["clean", "a warning", "an error", "another version"],
)
def test_make_templates_passes_without_a_message_of_the_pinned_compiler(
    tmp_path: Path, version: str, message: str, status: int, *, passes: bool
):
    command = ["make", "templates", f"BICEP={compiler(tmp_path, version, message, status)}"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode == 0) == passes
    assert message in ended.stderr


def compiler(folder: Path, version: str, message: str, status: int) -> Path:
    """A program that answers as Bicep does: its version, or a template on stdout and messages on stderr."""
    script = folder / "bicep"
    script.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"if sys.argv[1:] == ['--version']:\n    sys.exit(print('Bicep CLI version {version} (0123456789)'))\n"
        "assert sys.argv[1:] == ['build', 'infra/main.bicep', '--stdout']\n"
        f"print('{{}}')\nsys.stderr.write({message!r})\nsys.exit({status})\n",
        "utf-8",
    )
    script.chmod(0o755)
    return script
