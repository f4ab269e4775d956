"""What the README says is what there is, and the other way round."""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from image_metadata import settings
from image_metadata.database.tables import IMAGE_METADATA

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("docs/*.md")),
    ROOT / "image_metadata" / "headers" / "README.md",
]
TOP_LEVEL = {path.name for path in ROOT.iterdir()} - {"node_modules", ".venv", ".local"}
TARGETS = {target for rule in re.findall(r"^([a-z -]+):", MAKEFILE, re.MULTILINE) for target in rule.split()}
EXAMPLE = json.loads((ROOT / "local.settings.example.json").read_text("utf-8"))["Values"]
SETTINGS = {
    settings.IMAGE_STORAGE,
    settings.SQL_CONNECTION_STRING,
    settings.SQL_CONNECT_TIMEOUT,
    settings.SQL_STATEMENT_TIMEOUT,
    settings.STORE_LOCATION,
    settings.STORE_BLOB_METADATA,
    settings.KEEP_HISTORY_DAYS,
    settings.RECONCILE_GRACE_MINUTES,
}


@cache
def imagectl(*arguments: str) -> str:
    command = [sys.executable, "-m", "imagectl", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def verbs() -> set[str]:
    listed = re.search(r"\{([a-z,]+)\}", imagectl("--help"))
    assert listed is not None
    return set(listed[1].split(","))


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_readme_is_read_in_one_sitting():
    assert len(README.splitlines()) <= 150


def test_every_make_command_in_the_readme_exists():
    assert set(re.findall(r"\bmake ([a-z-]+)\b", README)) <= TARGETS


@pytest.mark.parametrize("target", ["demo", "test", "start", "upload", "query"])
def test_what_a_user_runs_with_make_is_in_the_readme(target: str):
    assert f"make {target}" in README


def test_every_verb_in_the_readme_exists():
    assert set(re.findall(r"imagectl ([a-z]+)", README)) <= verbs()


def test_every_verb_says_what_it_does():
    assert all(len(imagectl(verb, "--help").splitlines()) > 3 for verb in verbs())


def test_every_option_in_the_readme_exists():
    options = set(re.findall(r"imagectl [a-z]+ (--[a-z-]+)", README)) | {"--url"}
    told = "".join(imagectl(verb, "--help") for verb in verbs())
    assert all(option in told for option in options)


def test_every_setting_is_in_the_readme_and_in_no_other_name():
    told = {
        name for row in re.findall(r"^\| (`.*?) \|", section("Settings"), re.MULTILINE) for name in row.split("`")[1::2]
    }
    assert told == SETTINGS | set(EXAMPLE)


def test_every_column_is_in_the_readme():
    words = set(re.findall(r"`([a-z0-9_]+)`", section("The table")))
    assert set(IMAGE_METADATA.columns) - words == set()


def test_the_example_holds_no_secret():
    text = json.dumps(EXAMPLE)
    assert not re.search(r"AccountKey|SharedAccess|sig=|PWD|Password", text, re.IGNORECASE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_every_path_that_a_document_names_exists(document: Path):
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", document.read_text("utf-8")))
    ours = {path for path in named if path.partition("/")[0] in TOP_LEVEL}
    assert [path for path in sorted(ours) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(document: Path):
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_what_contributors_run_with_make_exists():
    commands = set(re.findall(r"\bmake ([a-z-]+)\b", (ROOT / "CONTRIBUTING.md").read_text("utf-8")))
    assert {"test-fast", "check"} <= commands <= TARGETS


def test_ci_runs_the_one_check():
    assert "make check" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert "run: make check" in (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
