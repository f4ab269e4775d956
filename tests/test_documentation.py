"""What the README says is what there is, and the other way round."""

import contextlib
import importlib
import io
import json
import re
import shlex
from itertools import chain
from pathlib import Path

import pytest

from image_metadata import settings
from image_metadata.database.tables import IMAGE_METADATA
from imagectl.cli import VERBS, parse

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("docs/*.md")),
    *(ROOT / folder / "README.md" for folder in ("image_metadata/headers", "functions_emulator", "benchmarks")),
]
TOP_LEVEL = {path.name for path in ROOT.iterdir()} - {"node_modules", ".venv", ".local"}
TARGETS = {target for rule in re.findall(r"^([a-z -]+):", MAKEFILE, re.MULTILINE) for target in rule.split()}
PROGRAM = r"(?:(?:\.venv/bin/)?python3? -m |\.venv/bin/)?imagectl"
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


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_readme_is_read_in_one_sitting():
    assert len(README.splitlines()) <= 150


def test_every_make_command_in_the_readme_exists():
    assert set(re.findall(r"\bmake ([a-z-]+)\b", README)) <= TARGETS


@pytest.mark.parametrize("target", ["demo", "test", "start", "upload", "query"])
def test_what_a_user_runs_with_make_is_in_the_readme(target: str):
    assert f"make {target}" in README


@pytest.mark.parametrize("verb", VERBS)
def test_every_example_of_a_verb_is_a_valid_command(verb: str):
    examples = importlib.import_module(f"imagectl.verbs.{verb}").EXAMPLES.splitlines()
    commands = [command for line in examples for command in documented_commands(line)]
    assert [refusal for command in commands if (refusal := refused(command))] == []
    assert len(commands) >= len([line for line in examples if line])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_every_command_in_a_document_is_valid(document: Path):
    commands = documented_commands(document.read_text("utf-8"))
    assert [refusal for command in commands if (refusal := refused(command))] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_every_verb_that_a_document_names_exists(document: Path):
    named = re.findall(r"`imagectl (?:--azd )?([a-z]+)\b", document.read_text("utf-8"))
    assert set(named) <= set(VERBS)


def test_commands_are_found_in_documents():
    commands = [command for document in DOCUMENTS for command in documented_commands(document.read_text("utf-8"))]
    assert {command[0] for command in commands} >= {"--azd", "demo", "report", "retry", "schema", "setup", "start"}
    assert len(commands) > 20


@pytest.mark.parametrize("command", [["purge"], ["query", "--widht"], ["upload"], ["delete"], ["--azd", "status", "x"]])
def test_an_invalid_command_is_refused(command: list[str]):
    assert "--help lists the options" in (refused(command) or "")


def documented_commands(text: str) -> list[list[str]]:
    """The arguments of every imagectl command in a text: in backquotes, or on a line of its own, up to a comment.

    In backquotes, one word is the name of a verb or of an option: it stands for no command.
    """
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    spans = (arguments_in(" ".join(span.split())) for span in re.findall(r"`([^`]+)`", prose))
    lines = (arguments_in(line.strip().partition("  ")[0]) for line in text.splitlines())
    looped = (arguments_in(line) for line in re.findall(r"\bdo (.+); done", text))
    return [words for span in spans for words in span if len(words) > 1] + [*chain(*lines, *looped)]


def arguments_in(line: str) -> list[list[str]]:
    """The arguments of each imagectl command in a line of shell."""
    parts = (re.fullmatch(rf"(?:\w+=\S+ )?{PROGRAM} (.+)", part) for part in re.split(r" (?:\|\|?|&&|>) ", line))
    return [shlex.split(part[1].replace("$script", "sqlite")) for part in parts if part]


def refused(arguments: list[str]) -> str | None:
    """What the argument parser of imagectl says about a command, or None if it accepts it. Nothing is run."""
    output = io.StringIO()
    try:
        with contextlib.redirect_stderr(output), contextlib.redirect_stdout(output):
            parse(arguments)
    except SystemExit as ended:
        return f"{' '.join(arguments)}: {output.getvalue()}" if ended.code else None
    return None


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
