"""The rooms of the emulator: which may import which. Every arrow points down this list, so there are no circles."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "functions_emulator"
ROOT = Path(__file__).resolve().parents[2] / PACKAGE
MAY_IMPORT = {
    "__main__": {"host", "ports", "durable", "worker", "app", "errors"},
    "host": {"loopback", "timers", "queues", "blobs", "runtime", "durable", "worker", "app", "errors"},
    "loopback": set(),
    "ports": set(),
    "timers": {"runtime", "storage", "worker", "app", "errors", "text"},
    "queues": {"runtime", "storage", "durable", "worker", "app", "errors", "text"},
    "blobs": {"runtime", "storage", "durable", "worker", "app", "errors", "text"},
    "runtime": {"durable", "worker", "app"},
    "storage": {"errors"},
    "durable": {"worker", "app", "errors", "text"},
    "worker": {"app", "errors", "text"},
    "app": {"errors"},
    "errors": {"text"},
    "text": set(),
}


def room(name: str) -> str:
    return name.split(".")[1]


def imported(source: Path) -> Iterator[str]:
    """The rooms that a module imports."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{PACKAGE}."):
            yield room(node.module)
        elif isinstance(node, ast.Import):
            yield from (room(alias.name) for alias in node.names if alias.name.startswith(f"{PACKAGE}."))


def rooms() -> dict[str, list[Path]]:
    places = [place for place in ROOT.iterdir() if place.name not in {"__init__.py", "__pycache__", "README.md"}]
    return {place.stem: sorted(place.rglob("*.py")) if place.is_dir() else [place] for place in places}


def test_every_room_has_its_rule():
    assert rooms().keys() == MAY_IMPORT.keys()


@pytest.mark.parametrize("name", MAY_IMPORT)
def test_a_room_imports_only_rooms_below_it(name: str):
    assert {target for source in rooms()[name] for target in imported(source)} - {name} <= MAY_IMPORT[name]


def test_the_rooms_are_listed_from_the_top_down():
    order = list(MAY_IMPORT)
    assert all(order.index(name) < order.index(target) for name, targets in MAY_IMPORT.items() for target in targets)


def test_within_a_room_no_modules_import_each_other_in_a_circle():
    graph = {
        ".".join(source.relative_to(ROOT.parent).with_suffix("").parts): set(modules(source))
        for source in ROOT.rglob("*.py")
    }
    while leaves := {module for module, targets in graph.items() if not targets & graph.keys()}:
        for leaf in leaves:
            del graph[leaf]
    assert graph == {}


def modules(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PACKAGE):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
