"""The header readers are pure: bytes in, header or rejection out."""

import ast
from pathlib import Path

import pytest

import image_metadata.headers

ROOM = Path(image_metadata.headers.__file__).parent
WITHOUT_IO = {
    "binascii",
    "codecs",
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",
    "enum",
    "fractions",
    "functools",
    "importlib",  # a reader, when its format is first seen
    "hashlib",
    "itertools",
    "math",
    "re",
    "string",
    "struct",
    "time",  # the budget's clock
    "typing",
    "xml",
    "zlib",
    "image_metadata",
    "PIL",
}
OURS = ("image_metadata.errors", "image_metadata.headers", "image_metadata.model", "image_metadata.text")
TABLES_OF_PILLOW = ("PIL.TiffImagePlugin.",)
IO_CALLS = {"open", "input", "print", "eval", "exec", "__import__"}


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.fixture(scope="module", params=sorted(ROOM.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOM)))
def tree(request):
    return ast.parse(request.param.read_text("utf-8"))


def test_it_imports_nothing_that_does_io(tree):
    assert {name.partition(".")[0] for name in imports(tree)} <= WITHOUT_IO


def test_of_this_project_it_imports_only_the_model_and_errors(tree):
    assert [name for name in imports(tree) if name.startswith("image_metadata") and not name.startswith(OURS)] == []


def test_of_pillow_it_imports_only_tables(tree):
    assert [name for name in imports(tree) if name.startswith("PIL") and not name.startswith(TABLES_OF_PILLOW)] == []


def test_it_calls_nothing_that_does_io(tree):
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert calls & IO_CALLS == set()
