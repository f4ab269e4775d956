"""`imagectl --azd`: the command line on what azd deployed."""

import json
import os
import sys
from pathlib import Path

import pytest

from image_metadata import settings
from imagectl.deployment.errors import DeploymentError
from imagectl.deployment.outputs import environment_outputs
from imagectl.deployment.target import LOCAL_VERBS, deployed, durable_key, odbc_driver, point_to
from imagectl.pipeline.durable_api import KEY_VARIABLE
from tests.deployment.fakes import DEPLOYED, ENVIRONMENT, FakeDatabase, FakeResourceManager
from tests.support.command import imagectl


def azd_that_prints(folder: Path, text: str) -> str:
    """A PATH whose azd is a script that answers ``env get-values``."""
    script = folder / "azd"
    script.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"assert sys.argv[1:] == ['env', 'get-values', '--output', 'json'], sys.argv\nprint({text!r})\n",
        "utf-8",
    )
    script.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def test_the_deployment_is_the_environment_that_azd_has_selected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", azd_that_prints(tmp_path, json.dumps(ENVIRONMENT | {"MORE": "x"})))
    assert environment_outputs() == DEPLOYED


@pytest.mark.parametrize(("printed", "advice"), [("{}", "run azd up"), ("ERROR: no environment", "azd env select")])
def test_without_a_deployment_the_error_says_what_to_run(tmp_path: Path, printed: str, advice: str):
    ended = imagectl("--azd", "status", PATH=azd_that_prints(tmp_path, printed))
    assert ended.returncode == 3
    assert ended.stderr.startswith("imagectl: expected")
    assert advice in ended.stderr


def test_without_azd_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeploymentError, match="install the Azure Developer CLI"):
        environment_outputs()


@pytest.mark.parametrize("verb", sorted(LOCAL_VERBS))
def test_a_verb_about_this_machine_is_refused(verb: str):
    ended = imagectl("--azd", verb)
    assert ended.returncode == 2
    assert "does not go with --azd" in ended.stderr


def test_settings_of_this_machine_are_replaced():
    local = "UseDevelopmentStorage=true"
    environ = {"ImageStorage": local, "AzureWebJobsImageStorage": local, "HOME": "/x"}
    environ |= {"SqlConnectionString": "Driver=SQLite3", "SQLAZURECONNSTR_SqlConnectionString": "Driver=SQLite3"}
    point_to(environ, DEPLOYED)
    found = settings.image_storage(environ)
    assert (found.blob_url, found.queue_url) == (DEPLOYED.images_blob_url, DEPLOYED.images_queue_url)
    assert (found.connection_string, found.managed_identity) == (None, False)
    sql = settings.sql(environ).connection_string
    assert DEPLOYED.sql_server in sql
    assert "Authentication=ActiveDirectoryDefault" in sql
    assert "ImageStorage" not in environ
    assert environ["HOME"] == "/x"


def test_the_key_of_the_durable_api_comes_from_resource_manager():
    arm = FakeResourceManager(lambda *_: (200, {"masterKey": "m", "systemKeys": {"durabletask_extension": "d"}}))
    assert durable_key(arm.client(), DEPLOYED) == "d"
    assert arm.requests == [("POST", f"{DEPLOYED.site}/host/default/listkeys")]


def test_a_command_gets_settings_key_and_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", azd_that_prints(tmp_path, json.dumps(ENVIRONMENT)))
    arm = FakeResourceManager(lambda *_: (200, {"systemKeys": {"durabletask_extension": "d"}}))
    environ: dict[str, str] = {}
    with deployed(environ, arm.client(), FakeDatabase().open_connection) as found:
        assert found.function_app_url == DEPLOYED.function_app_url
        assert environ[KEY_VARIABLE] == "d"
        assert settings.image_storage(environ).blob_url == DEPLOYED.images_blob_url


def test_on_linux_the_driver_of_the_python_package_is_used():
    assert Path(odbc_driver()).is_file() is (sys.platform == "linux")
