"""host.json: its defaults, its forms, and what would do nothing here is refused."""

import json
import os
from pathlib import Path

import pytest

from functions_emulator.app.directory import HostConfig, load_app
from functions_emulator.app.host_json import QueueConfig
from tests.functions_emulator.fixture_apps import SETTINGS, minimal_app, problems


@pytest.fixture
def minimal(tmp_path: Path) -> Path:
    return minimal_app(tmp_path)


def host_config(app: Path, content: object, **settings: str) -> HostConfig:
    (app / "host.json").write_text(json.dumps(content))
    return load_app(app, SETTINGS | settings).host


def test_host_json_has_the_hosts_defaults(minimal: Path):
    cores = os.cpu_count() or 1
    assert host_config(minimal, {"version": "2.0"}) == HostConfig(
        hub_name="TestHubName",
        max_concurrent_activities=10 * cores,
        max_concurrent_orchestrators=10 * cores,
        blobs_in_parallel=8 * cores,
        poison_blob_threshold=5,
        function_timeout=1800.0,
        queues=QueueConfig(
            batch_size=16,
            new_batch_threshold=8,
            max_dequeue_count=5,
            visibility_timeout=0.0,
            max_polling_interval=60.0,
            encoded=True,
        ),
    )


def test_host_json_is_read_whatever_the_case_of_its_names(minimal: Path):
    durable = {"hubname": "Hub", "MaxConcurrentActivityFunctions": "3"}
    config = host_config(minimal, {"version": "2.0", "Extensions": {"durabletask": durable}})
    assert (config.hub_name, config.max_concurrent_activities) == ("Hub", 3)


def test_an_app_setting_overrides_host_json(minimal: Path):
    override = {"AzureFunctionsJobHost__extensions__blobs__poisonBlobThreshold": "2"}
    assert host_config(minimal, {"version": "2.0"}, **override).poison_blob_threshold == 2


def test_the_queues_extension_is_read_with_overrides_from_settings(minimal: Path):
    queues = {"batchSize": 4, "visibilityTimeout": "00:01:00", "messageEncoding": "none"}
    override = {"AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:00:00.5"}
    config = host_config(minimal, {"version": "2.0", "extensions": {"queues": queues}}, **override).queues
    assert config == QueueConfig(
        batch_size=4,
        new_batch_threshold=2,
        max_dequeue_count=5,
        visibility_timeout=60.0,
        max_polling_interval=0.5,
        encoded=False,
    )


@pytest.mark.parametrize(
    ("text", "seconds"), [("00:05:00", 300.0), ("1.00:00:01", 86_401.0), ("-1", None), ("0:0:9", 9.0)]
)
def test_the_function_timeout_is_a_time_span_or_unlimited(minimal: Path, text: str, seconds: float | None):
    assert host_config(minimal, {"version": "2.0", "functionTimeout": text}).function_timeout == seconds


REFUSED = {
    "no version": ({}, "The host.json file is missing the required 'version' property; write \"2.0\""),
    "version": ({"version": 2}, "'2' is an invalid value for host.json 'version' property; write \"2.0\""),
    "timeout": (
        {"version": "2.0", "functionTimeout": "5m"},
        'expected "hh:mm:ss" or "-1" in functionTimeout, found 5m; correct it',
    ),
    "timeout as number": (
        {"version": "2.0", "functionTimeout": 300},
        'expected "hh:mm:ss" or "-1" in functionTimeout, found 300; correct it',
    ),
    "selection": (
        {"version": "2.0", "functions": ["echo"]},
        "functions is not supported by this emulator; leave it out",
    ),
    "extensions": ({"version": "2.0", "extensions": []}, "expected an object in extensions, found a list; correct it"),
}
REFUSED_EXTENSIONS = {
    "blobs.maxDegreeOfParallelism": (0, "expected a whole number from 1 in {path}, found 0; correct it"),
    "blobs.poisonBlobThreshold": (True, "expected a whole number from 1 in {path}, found true or false; correct it"),
    "queues.messageEncoding": ("utf8", 'expected "base64" or "none" in {path}, found utf8; correct it'),
    "queues.visibilityTimeout": ("60", 'expected "hh:mm:ss" in {path}, found 60; correct it'),
    "durableTask.hubName": ("%HUB%", "{path}: '%HUB%' does not resolve to a value; set HUB in local.settings.json"),
    "durableTask.storageProvider.type": (
        "mssql",
        '{path} "mssql" is not supported by this emulator; write "AzureStorage" or leave it out',
    ),
    "durableTask.overridableExistingInstanceStates": (
        "AnyState",
        '{path} "AnyState" is not supported by this emulator; write "NonRunningStates" or leave it out',
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_host_json_that_would_behave_differently_is_refused(minimal: Path, case: str):
    content, reason = REFUSED[case]
    (minimal / "host.json").write_text(json.dumps(content))
    assert problems(minimal)[0] == f"host.json: {reason}"


@pytest.mark.parametrize("path", REFUSED_EXTENSIONS)
def test_an_extensions_setting_that_would_behave_differently_is_refused(minimal: Path, path: str):
    content, reason = REFUSED_EXTENSIONS[path]
    for name in reversed(f"extensions.{path}".split(".")):
        content = {name: content}
    (minimal / "host.json").write_text(json.dumps({"version": "2.0"} | content))
    assert problems(minimal) == (f"host.json: {reason.format(path=f'extensions.{path}')}",)


def test_a_hub_name_that_azure_would_refuse_is_refused(minimal: Path):
    hub = {"version": "2.0", "extensions": {"durableTask": {"hubName": "my-hub"}}}
    (minimal / "host.json").write_text(json.dumps(hub))
    assert "is not 3 to 45 letters and digits beginning with a letter; rename it" in problems(minimal)[0]
