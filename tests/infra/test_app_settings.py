"""The app settings in the template are those that the app and its host read."""

import json
import re
from pathlib import Path

import pytest

from image_metadata import settings
from image_metadata.database.connections import connect
from image_metadata.errors import TransientDatabaseError
from tests.image_metadata.database import tds
from tests.support.bicep import Template
from tests.support.identity import running_identity

ROOT = Path(__file__).resolve().parents[2]
OF_THE_HOST = {
    "AzureWebJobsStorage__accountName",
    "AzureWebJobsStorage__credential",
    "AzureWebJobsStorage__clientId",
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING",
    "PYTHON_THREADPOOL_THREAD_COUNT",
    "AzureFunctionsJobHost__extensions__durableTask__storageProvider__partitionCount",
}
"""Read by the host, its worker and its extensions."""

IDENTITY = {"blobServiceUri", "queueServiceUri", "credential", "clientId"}
REFUSED_BY_FLEX = {
    "FUNCTIONS_WORKER_RUNTIME",
    "WEBSITE_RUN_FROM_PACKAGE",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "FUNCTIONS_EXTENSION_VERSION",
}


def deployed(templates: dict[str, Template]) -> dict[str, str]:
    found: dict[str, str] = templates["app"].resource("settings").body["properties"]
    return found


def read_by_the_app() -> set[str]:
    """The constants of the settings module, and the settings that a function.json refers to."""
    constants = {
        value for name, value in vars(settings).items() if name.isupper() and name[0] != "_" and isinstance(value, str)
    }
    files = sorted(ROOT.glob("*/function.json"))
    assert len(files) == 6
    looked_up = {name for file in files for name in re.findall(r"%(\w+)%", file.read_text("utf-8"))}
    by_identity = {f"{settings.IMAGE_STORAGE}__{key}" for key in IDENTITY}
    return (constants - {settings.IMAGE_STORAGE}) | by_identity | looked_up


def test_the_template_sets_what_the_app_reads_and_nothing_else(templates: dict[str, Template]):
    assert set(deployed(templates)) - OF_THE_HOST == read_by_the_app()
    assert set(deployed(templates)) >= OF_THE_HOST


def test_no_setting_is_set_that_flex_consumption_refuses(templates: dict[str, Template]):
    assert set(deployed(templates)) & REFUSED_BY_FLEX == set()


def test_no_setting_contains_a_secret(templates: dict[str, Template]):
    values = list(deployed(templates).values())
    assert len(values) >= 16
    assert not re.search(r"list\w*\(|AccountKey|PWD=|[Pp]assword=|SharedAccess", " ".join(map(str, values)))


def test_the_app_accepts_the_settings_of_the_template(templates: dict[str, Template]):
    environ = {name: str(value) for name, value in deployed(templates).items()}
    environ["ImageStorage__blobServiceUri"] = "https://images.blob.invalid/"
    environ["ImageStorage__queueServiceUri"] = "https://images.queue.invalid/"
    environ[settings.STORE_LOCATION] = "false"
    storage, sql = settings.image_storage(environ), settings.sql(environ)
    assert (storage.account, storage.managed_identity) == ("images", True)
    assert sql == settings.SqlSettings(sql.connection_string)
    assert "Authentication=ActiveDirectoryMsi;UID=" in sql.connection_string


def test_microsofts_driver_asks_for_a_token_of_the_apps_identity(
    templates: dict[str, Template], monkeypatch: pytest.MonkeyPatch
):
    client_id = "00112233-4455-6677-8899-aabbccddeeff"
    template = deployed(templates)[settings.SQL_CONNECTION_STRING].strip("'")
    with running_identity() as identity, tds.serving(lambda _kind, _payload: tds.token_required()) as server:
        for name, value in identity.environment().items():
            monkeypatch.setenv(name, value)
        connection_string = (
            template.replace("{ODBC Driver 18 for SQL Server}", f"{{{tds.driver_path()}}}")
            .replace("${sqlServer},1433", f"127.0.0.1,{server.port}")
            .replace("${sqlDatabase}", "images")
            .replace("${identity.properties.clientId}", client_id)
            .replace("Encrypt=yes", "Encrypt=no;ConnectRetryCount=0")
        )
        assert "$" not in connection_string
        with pytest.raises(TransientDatabaseError):
            connect(settings.SqlSettings(connection_string, connect_timeout=2))
    assert identity.given == [("https://database.windows.net/", client_id)]


def test_the_partition_count_overrides_host_json(templates: dict[str, Template]):
    (name,) = [name for name in deployed(templates) if name.startswith("AzureFunctionsJobHost__")]
    _, *path = name.split("__")
    node = json.loads((ROOT / "host.json").read_text("utf-8"))
    for key in path[:2]:
        node = node[key]
    assert path == ["extensions", "durableTask", "storageProvider", "partitionCount"]
