"""The first release's schema and its INSERT statements, as that release had them."""

from dataclasses import asdict

from image_metadata.model import ImageMetadata, Rejection
from imagectl.repository import REPOSITORY
from tests.support.databases import Database

_UPLOAD_COLUMNS = ("account", "container", "etag", "content_md5", "uploaded_at", "content_type")
_METADATA_COLUMNS = (
    *("file_name", "file_size_kb", "width", "height", "format", "upload_id", "blob_id", *_UPLOAD_COLUMNS),
    *("content_type_matches", "orientation", "display_width", "display_height", "color_mode", "bit_depth", "has_alpha"),
    *("frame_count", "taken_at", "taken_at_offset", "camera_make", "camera_model", "lens_model"),
    *("latitude", "longitude"),
)
_REJECTION_COLUMNS = ("file_name", "file_size_kb", "reason", "detail", "upload_id", *_UPLOAD_COLUMNS)


def create(database: Database) -> None:
    """What ``imagectl schema`` of that release did."""
    engine = "sqlite" if database.is_sqlite else "sqlserver"
    database.run_script((REPOSITORY / "sql" / "baseline" / f"{engine}.sql").read_text("utf-8"))


def store(database: Database, outcome: ImageMetadata | Rejection) -> None:
    """Insert the row unless the upload has one in either table."""
    _insert(
        database,
        outcome,
        " WHERE NOT EXISTS (SELECT 1 FROM ImageMetadata WHERE upload_id = ?)"
        " AND NOT EXISTS (SELECT 1 FROM ImageRejections WHERE upload_id = ?)",
        [outcome.upload.id] * 2,
    )


def store_unconditionally(database: Database, outcome: ImageMetadata | Rejection) -> None:
    """Insert the row as if the look for another had been a moment earlier."""
    _insert(database, outcome, "", [])


def _insert(database: Database, outcome: ImageMetadata | Rejection, condition: str, keys: list[str]) -> None:
    upload, blob = outcome.upload, outcome.blob
    row = {
        "upload_id": upload.id,
        "account": upload.account,
        "container": upload.container,
        "file_name": upload.name,
        "etag": upload.etag,
        "file_size_kb": blob.file_size_kb,
        "content_type": blob.content_type,
        "content_md5": blob.content_md5,
        "uploaded_at": blob.uploaded_at,
    }
    if isinstance(outcome, ImageMetadata):
        table, columns = "ImageMetadata", _METADATA_COLUMNS
        row |= {**asdict(outcome.image), "blob_id": upload.blob_id, "content_type_matches": None}
    else:
        table, columns = "ImageRejections", _REJECTION_COLUMNS
        row |= {"reason": outcome.reason.value, "detail": outcome.detail}
    marks = ", ".join("?" * len(columns))
    database.query(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {marks}{condition}",  # constants
        *[row[column] for column in columns],
        *keys,
    )
