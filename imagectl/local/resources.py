"""The container and the tables, which must exist before the app runs."""

from contextlib import closing, suppress
from pathlib import Path

from azure.core.exceptions import ResourceExistsError

from image_metadata import settings
from image_metadata.database.connections import connect
from image_metadata.intake import CONTAINER
from imagectl.local.settings import SQLITE_DRIVER
from imagectl.pipeline.inventory import transient_storage_error
from imagectl.pipeline.storage_client import container_client
from imagectl.schema.upgrade import upgrade_schema


def create_container_and_tables() -> None:
    """Create them where they are missing, as the settings name them.

    Raises:
        TransientStorageError, TransientDatabaseError: one of them cannot be reached or refuses.
        SettingError: a setting is absent or malformed.
    """
    container = container_client(CONTAINER)
    with transient_storage_error("Azurite, or the storage that ImageStorage names,"), suppress(ResourceExistsError):
        container.create_container(retry_total=0)
    with closing(connect(settings.sql())) as connection:
        upgrade_schema(connection)


def sqlite_connection_string(database: Path) -> str:
    """An ODBC connection string for a SQLite file; its writers wait for each other for up to 30 s."""
    return f"Driver={SQLITE_DRIVER};Database={database};Timeout=30000"
