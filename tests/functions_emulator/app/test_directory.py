"""Where an app is found, its settings, and what stops the whole app."""

import json
from pathlib import Path

import pytest

from functions_emulator.app.directory import load_app
from tests.functions_emulator.fixture_apps import APPS, AZURITE, SETTINGS, minimal_app, problems

ROOT = Path(__file__).resolve().parents[3]


def test_a_root_function_app_is_refused_because_it_disables_every_function_json():
    (problem,) = problems(APPS / "function_app_in_root")
    assert problem == "function_app.py: in the app's root it disables every function.json; rename it"


def test_a_folder_without_functions_is_refused():
    app = APPS / "no_functions"
    reason = f"{app}: no folder in it holds a function.json; name the folder of a function app"
    assert problems(app) == (reason,)


def test_a_folder_without_host_json_is_refused():
    app = APPS / "no_host_json"
    reason = f"{app / 'host.json'} does not exist; start the emulator in the folder that holds host.json"
    assert problems(app) == (reason,)


def test_a_missing_folder_is_refused(tmp_path: Path):
    app = tmp_path / "nowhere"
    assert problems(app) == (f"{app} is not a folder; name the folder that holds host.json",)


def test_another_language_is_refused():
    (problem,) = problems(APPS / "minimal", SETTINGS | {"FUNCTIONS_WORKER_RUNTIME": "node"})
    assert problem == 'expected "python" in the setting FUNCTIONS_WORKER_RUNTIME, found "node"; correct it'


def test_without_the_hosts_storage_the_app_is_refused():
    (problem,) = problems(APPS / "minimal", {})
    assert problem == (
        "the setting AzureWebJobsStorage is not set; copy local.settings.example.json to local.settings.json"
    )


def test_a_refusal_never_quotes_the_value_of_a_connection():
    refusal = problems(APPS / "minimal", {"AzureWebJobsStorage": "AccountKey of somebody"})
    assert "somebody" not in str(refusal)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"IsEncrypted": True}, "IsEncrypted is true, and only func can decrypt it; run func settings decrypt"),
        ({"Values": ["A"]}, "expected an object in Values, found a list; write names and texts"),
        ({"Values": {"Timeout": 5}}, "expected text in Values.Timeout, found a number; put it in quotes"),
        ({"Values": {"A=B": "5"}}, '"A=B" in Values cannot be an environment variable; rename it'),
    ],
)
def test_local_settings_that_cannot_be_used_are_refused(tmp_path: Path, content: object, reason: str):
    app = minimal_app(tmp_path)
    (app / "local.settings.json").write_text(json.dumps(content))
    assert problems(app) == (f"local.settings.json: {reason}",)


def test_the_environment_wins_over_local_settings(tmp_path: Path):
    app = minimal_app(tmp_path)
    values = {"AzureWebJobsStorage": AZURITE, "Color": "blue", "Size": "small"}
    (app / "local.settings.json").write_text(json.dumps({"Values": values}))
    settings = load_app(app, {"Color": "red"}).settings
    assert (settings["Color"], settings["Size"]) == ("red", "small")


def test_an_app_does_not_show_its_settings_when_printed():
    assert AZURITE not in repr(load_app(APPS / "minimal", SETTINGS))


def test_the_projects_own_app_is_accepted():
    app = load_app(ROOT, SETTINGS | {"ImageStorage": AZURITE, "ReconcileSchedule": "0 0 3 * * *"})
    assert {name: function.trigger.type for name, function in app.functions.items()} == {
        "BlobTriggerClient": "blobTrigger",
        "ExtractMetadata": "activityTrigger",
        "OrchestratorFunction": "orchestrationTrigger",
        "QueueTriggerClient": "queueTrigger",
        "ReconcileTimer": "timerTrigger",
        "StoreMetadata": "activityTrigger",
    }
