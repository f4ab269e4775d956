"""Functions are imported and checked as the Python worker does it."""

import os
import sys
from pathlib import Path

import pytest

from functions_emulator.app.directory import load_app
from functions_emulator.errors import AppError
from functions_emulator.worker.worker import Worker
from tests.functions_emulator.fixture_apps import APPS, AZURITE, SETTINGS, expected

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def refused() -> tuple[str, ...]:
    with pytest.raises(AppError) as refusal:
        Worker(load_app(APPS / "refused_python", SETTINGS)).load()
    return refusal.value.problems


@pytest.mark.parametrize("line", expected("refused_python"), ids=lambda line: line.partition("/")[0])
def test_a_function_that_the_worker_cannot_load_is_refused_in_its_words(refused: tuple[str, ...], line: str):
    assert line in refused


def test_all_functions_that_cannot_be_loaded_are_named_at_once(refused: tuple[str, ...]):
    assert sorted(refused) == expected("refused_python")


def test_a_refused_app_leaves_the_process_as_it_was(refused: tuple[str, ...]):
    assert refused
    assert Path.cwd() != APPS / "refused_python"
    assert str(APPS / "refused_python") not in sys.path


def test_the_app_root_can_be_imported_from_in_every_way_that_the_worker_has():
    with Worker(load_app(APPS / "scripts", SETTINGS)):
        assert "__app__.shared.scripts_shared" in sys.modules
        assert sys.modules["__app__.relative_import"].double is sys.modules["__app__.shared.scripts_shared"].double
        assert "shared.scripts_shared" in sys.modules


def test_a_closed_worker_leaves_the_process_as_it_was():
    before = (dict(os.environ), list(sys.path), Path.cwd())
    with Worker(load_app(APPS / "running", SETTINGS | {"COLOR": "red"})):
        assert (os.environ["COLOR"], sys.path[0], Path.cwd()) == ("red", str(APPS / "running"), APPS / "running")
    assert (dict(os.environ), list(sys.path), Path.cwd()) == before
    assert not [name for name in sys.modules if name.startswith("__app__")]


@pytest.mark.parametrize("count", ["0", "-1", "many", ""])
def test_a_thread_count_that_is_no_number_is_refused(count: str):
    app = load_app(APPS / "minimal", SETTINGS | {"PYTHON_THREADPOOL_THREAD_COUNT": count})
    with pytest.raises(AppError, match="expected a whole number from 1 in the setting PYTHON_THREADPOOL_THREAD_COUNT"):
        Worker(app).load()


def test_the_projects_own_functions_load():
    with Worker(load_app(ROOT, SETTINGS | {"ImageStorage": AZURITE, "ReconcileSchedule": "0 0 3 * * *"})) as worker:
        assert set(worker.app.functions) == {
            "BlobTriggerClient",
            "ExtractMetadata",
            "OrchestratorFunction",
            "QueueTriggerClient",
            "ReconcileTimer",
            "StoreMetadata",
        }
