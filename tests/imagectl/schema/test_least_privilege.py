"""The app's own database user may do what the app does, before and after its permissions are renewed, and no more."""

import re
import uuid
from collections.abc import Iterator
from contextlib import closing

import pytest

from image_metadata.database.connections import Connections
from image_metadata.database.upload_tables import UploadTables
from image_metadata.errors import TransientDatabaseError
from image_metadata.settings import SqlSettings
from image_metadata.store_metadata import store
from imagectl.repository import REPOSITORY
from tests.image_metadata.database.outcomes import metadata, rejection, upload
from tests.imagectl.schema import first_release
from tests.support.databases import Database, sql_server, sql_server_database, with_tables

pytestmark = pytest.mark.sqlserver

SCRIPT = (REPOSITORY / "sql" / "least-privilege.sql").read_text("utf-8")


@pytest.fixture
def login() -> Iterator[tuple[str, str]]:
    """A login with its password, dropped after the database that has a user for it."""
    name, password = f"app_{uuid.uuid4().hex[:12]}", f"{uuid.uuid4().hex}Aa1!"
    server = sql_server()
    server.query(f"CREATE LOGIN {name} WITH PASSWORD = '{password}'")
    yield name, password
    server.query(f"DROP LOGIN {name}")


@pytest.fixture
def database(login: tuple[str, str]) -> Iterator[Database]:  # noqa: ARG001  # created before, dropped after
    """The first release's schema on SQL Server; there are no users on SQLite."""
    with sql_server_database() as database:
        first_release.create(database)
        yield database


@pytest.fixture
def app(login: tuple[str, str], database: Database) -> Database:
    """The database as the app's user, with the permissions that the first release's script gave."""
    name, password = login
    database.query(f"CREATE USER {name} FOR LOGIN {name}")
    for table in ("ImageMetadata", "ImageRejections"):
        database.query(f"GRANT SELECT, INSERT ON dbo.{table} TO {name}")
    rest = re.sub(r"(?i)\b(UID|PWD)=[^;]*;?", "", database.settings.connection_string).rstrip(";")
    return Database(SqlSettings(f"{rest};UID={name};PWD={password}"))


def renew_permissions(database: Database, login: str) -> None:
    database.run_script(SCRIPT.replace("@login NVARCHAR(128) = NULL", f"@login NVARCHAR(128) = N'{login}'"))


def test_the_app_before_goes_on_between_the_upgrade_and_the_new_permissions(database: Database, app: Database):
    with_tables(database)
    first_release.store(app, metadata())
    assert database.rows() == [("ImageMetadata", upload().id)]


def test_with_the_new_permissions_the_app_does_all_that_it_does_and_deletes_nothing(
    database: Database, app: Database, login: tuple[str, str]
):
    with_tables(database)
    renew_permissions(database, login[0])
    with closing(Connections(app.settings)) as connections:
        tables = UploadTables(connections)
        store(metadata(upload("a.jpg")), connections)
        store(rejection(upload("b.pdf")), connections)
        tables.observe(upload("a.jpg").blob_id, "2026-11-22T06:30:00.000", present=False)
        assert tables.with_row([upload("a.jpg").id, upload("c.jpg").id]) == {upload("a.jpg").id}
        assert tables.last_run() is None
    for table in ("ImageMetadata", "ImageRejections", "ProcessedUploads"):
        with pytest.raises(TransientDatabaseError, match="run sql/least-privilege"):
            app.query(f"DELETE FROM {table}")  # noqa: S608  # constants
