"""The tree is the diagram: what may import what, and what is deployed."""

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = (
    "BlobTriggerClient",
    "QueueTriggerClient",
    "OrchestratorFunction",
    "ExtractMetadata",
    "StoreMetadata",
    "ReconcileTimer",
)
PACKAGES = ("image_metadata", "functions_emulator", "imagectl")
OURS = (*FUNCTIONS, *PACKAGES)
MAY_IMPORT = {
    **{function: {"image_metadata"} for function in FUNCTIONS},
    "image_metadata": {"image_metadata"},
    "functions_emulator": {"functions_emulator"},
    "imagectl": {"imagectl", "image_metadata", "functions_emulator"},
}
ROOT_OF_ROOMS = ("image_metadata.", "functions_emulator.", "imagectl.")
_CORE = {
    f"image_metadata.{module}" for module in ("errors", "model", "reconciliation", "settings", "text", "timestamps")
}
ROOMS = {
    "image_metadata/headers": _CORE - {"image_metadata.settings"},
    "image_metadata/storage": _CORE | {"image_metadata.headers"},
    "image_metadata/database": _CORE,
}
"""The rooms of the logic, and what each may import besides itself."""


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source}: a relative import loads a second copy under the worker"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers_of(package: str, module: str) -> set[str]:
    return {
        source.name
        for source in sources(package)
        if any(name == module or name.startswith(f"{module}.") for name in imports(source))
    }


@pytest.mark.parametrize("package", OURS)
def test_imports_go_one_way(package: str):
    ours = {name.partition(".")[0] for source in sources(package) for name in imports(source)} & set(OURS)
    assert ours <= MAY_IMPORT[package]


def test_no_modules_import_each_other_in_a_circle():
    modules = {
        ".".join(source.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): source
        for package in OURS
        for source in sources(package)
    }
    # The facade resolves its names on use; its imports are for the type checker.
    del modules["image_metadata"]
    graph = {
        module: {name if name in modules else name.rpartition(".")[0] for name in imports(source)} & modules.keys()
        for module, source in modules.items()
    }
    list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_is_built_on(room: str):
    ours = {
        ".".join(name.split(".")[:2])
        for source in sources(room)
        for name in imports(source)
        if name.startswith(ROOT_OF_ROOMS)
    }
    assert ours <= {room.replace("/", "."), *ROOMS[room]}


def test_the_logic_does_not_know_the_functions_host():
    assert importers_of("image_metadata", "azure.functions") == set()
    assert importers_of("image_metadata", "azure.durable_functions") == {"durable_sdk.py"}


def test_one_module_speaks_to_storage_and_one_to_the_database():
    assert importers_of("image_metadata", "azure.storage") == importers_of("image_metadata/storage", "azure.storage")
    assert importers_of("image_metadata", "pyodbc") == {"connections.py"}


def test_one_module_reads_the_environment():
    readers = {source.name for source in sources("image_metadata") if "environ" in source.read_text("utf-8")}
    assert readers == {"settings.py"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_folder_only_adapts(function: str):
    (source,) = sources(function)
    assert len(source.read_text("utf-8").splitlines()) <= 25


def test_no_root_file_disables_the_function_folders():
    assert not (ROOT / "function_app.py").exists()


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_is_longer_than_300_lines(package: str):
    assert {p.name: n for p in sources(package) if (n := len(p.read_text("utf-8").splitlines())) > 300} == {}


def test_the_deployed_app_imports_without_the_local_tools():
    code = f"import {', '.join(FUNCTIONS)}, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in run.stdout.split()}
    development_only = {"imagectl", "functions_emulator", "durabletask", "rich", "pytest", "pillow_heif"}
    assert loaded & development_only == set()


def test_workers_threads_suffice_for_the_concurrency_in_host_json():
    durable = json.loads((ROOT / "host.json").read_text("utf-8"))["extensions"]["durableTask"]
    threads_on_one_core = 5
    at_once = durable["maxConcurrentActivityFunctions"] + durable["maxConcurrentOrchestratorFunctions"]
    assert at_once <= threads_on_one_core


def test_every_lint_exception_carries_its_reason():
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    lines = [line for line in text.splitlines() if any(f'"{code}"' in line for code in lint["ignore"])]
    assert all("#" in line for line in lines)
    bare = [
        f"{source.relative_to(ROOT)}:{number}"
        for package in (*OURS, "tests", "benchmarks")
        for source in sources(package)
        for number, line in enumerate(source.read_text("utf-8").splitlines(), 1)
        if "# noqa: " in line and line.count("#") < 2
    ]
    assert bare == []
