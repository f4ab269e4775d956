"""Fill ``blob_id`` in rejections of an app that did not write it; SQL alone cannot compute it on every engine."""

from typing import TYPE_CHECKING

from image_metadata.database.statements import at_most
from image_metadata.database.tables import IMAGE_REJECTIONS
from image_metadata.model import Blob

if TYPE_CHECKING:
    import pyodbc

_PAGE = 1000
_SELECT = (
    f"SELECT upload_id, account, container, file_name FROM {IMAGE_REJECTIONS.name} "  # noqa: S608  # a name of this project
    "WHERE blob_id IS NULL AND account IS NOT NULL AND container IS NOT NULL AND upload_id > ? ORDER BY upload_id"
)
_UPDATE = f"UPDATE {IMAGE_REJECTIONS.name} SET blob_id = ? WHERE upload_id = ?"  # noqa: S608  # a name of this project


def fill_blob_ids(cursor: "pyodbc.Cursor", *, sqlite: bool) -> None:
    """Each update is harmless when another run makes it too, and what a kill leaves is filled by the next run."""
    last = ""
    while page := cursor.execute(at_most(_PAGE, _SELECT, sqlite=sqlite), last).fetchall():
        cursor.execute("BEGIN TRANSACTION")
        for upload_id, account, container, name in page:
            cursor.execute(_UPDATE, Blob(account, container, name).id, upload_id)
        cursor.execute("COMMIT TRANSACTION")
        last = page[-1][0]
