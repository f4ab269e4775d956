"""Which module of `imagectl` may import which, and what loads before any package is installed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from imagectl.cli import VERBS

ROOT = Path(__file__).resolve().parents[2]
IMAGECTL = ROOT / "imagectl"
SOURCES = sorted(IMAGECTL.rglob("*.py"))
BARE_COMMANDS = ("--help", "setup --help")


def imported(source: Path) -> set[str]:
    """Modules, and names in modules, that a source imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: str(source.relative_to(IMAGECTL)))
def test_nothing_imports_a_verb(source: Path):
    assert [name for name in imported(source) if name.startswith("imagectl.verbs")] == []


def test_every_module_in_verbs_is_a_verb():
    assert {source.stem for source in (IMAGECTL / "verbs").glob("[!_]*.py")} == set(VERBS)


@pytest.mark.parametrize("words", BARE_COMMANDS)
def test_help_and_setup_load_the_standard_library_only(words: str):
    code = "import sys; from imagectl.cli import main; main(sys.argv[1:]); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-S", "-c", code, *words.split()], cwd=ROOT, capture_output=True, check=True)
    loaded = {name.partition(".")[0] for name in run.stdout.decode().splitlines()[-1].split()}
    assert loaded - set(sys.stdlib_module_names) - {"__main__"} <= {"imagectl", "image_metadata", "functions_emulator"}
