"""A function.json is refused by file, binding and reason; what it leaves out is filled in as the host does."""

import shutil
from pathlib import Path

import pytest

from functions_emulator.app.directory import load_app
from tests.functions_emulator.fixture_apps import APPS, SETTINGS, expected, minimal_app, problems

UNSUITABLE = {
    "Identity__accountName": "images",
    "Malformed": "the connection string",
}
RESOLVED = {"HUB": "Hub1", "CONTAINER": "pictures", "WHICH": "Images"}


@pytest.fixture(scope="module")
def refused() -> tuple[str, ...]:
    return problems(APPS / "refused_bindings", SETTINGS | UNSUITABLE)


@pytest.mark.parametrize("line", expected("refused_bindings"), ids=lambda line: line.partition("/")[0])
def test_a_wrong_function_json_is_refused_by_file_binding_and_reason(refused: tuple[str, ...], line: str):
    folder = line.partition("/")[0]
    assert [problem for problem in refused if problem.startswith(f"{folder}/")] == [line]


def test_all_wrong_functions_are_named_at_once(refused: tuple[str, ...]):
    assert sorted(refused) == sorted(expected("refused_bindings"))


def test_malformed_json_is_refused_by_line_and_column():
    assert sorted(problems(APPS / "malformed_json")) == sorted(expected("malformed_json"))


def test_json_nested_too_deeply_is_refused(tmp_path: Path):
    app = minimal_app(tmp_path)
    (app / "echo" / "function.json").write_text('{"bindings": ' + "[" * 1_000_000)
    assert problems(app) == ("echo/function.json: is nested too deeply; flatten it",)


def test_two_functions_whose_names_differ_in_case_only_are_refused(tmp_path: Path):
    app = minimal_app(tmp_path)
    if (app / "ECHO").exists():
        pytest.skip("this file system does not tell echo from ECHO")
    shutil.copytree(app / "echo", app / "ECHO")
    assert len([problem for problem in problems(app) if "in other case; rename one" in problem]) == 2


@pytest.mark.parametrize("setting", ["AzureWebJobs.echo.Disabled", "AzureWebJobs_echo_Disabled"])
def test_a_function_is_disabled_by_an_app_setting(setting: str):
    functions = load_app(APPS / "minimal", SETTINGS | {setting: "True"}).functions
    assert functions["echo"].is_disabled
    assert not load_app(APPS / "minimal", SETTINGS | {setting: "false"}).functions["echo"].is_disabled


def test_settings_in_percent_signs_are_resolved():
    app = load_app(APPS / "from_settings", SETTINGS | RESOLVED)
    watch = app.functions["watch"].trigger.properties
    assert (app.host.hub_name, watch["path"], watch["connection"]) == ("Hub1", "pictures/{name}", "Images")


def test_a_blob_trigger_without_connection_uses_the_hosts_storage():
    app = load_app(APPS / "from_settings", SETTINGS | RESOLVED)
    assert app.functions["by_default"].trigger.properties["connection"] == "AzureWebJobsStorage"


def test_the_script_is_the_only_file_or_run_or_init_or_the_one_named():
    functions = load_app(APPS / "scripts", SETTINGS).functions
    found = {name: function.script_file.name for name, function in functions.items()}
    assert found["only_file"] == "anything.py"
    assert found["run_among_others"] == "run.py"
    assert found["init_among_others"] == "__init__.py"
    assert found["shared_script"] == "scripts_shared.py"
