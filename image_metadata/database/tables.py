"""The tables: each column is declared here, once.

What follows from a declaration: the app's INSERT statements (``statements``), the scripts in ``sql/`` and the views
(``imagectl.schema``), and ``docs/tables.md``. CONTRIBUTING.md has the steps to add a column.
"""

from image_metadata.database.columns import Column, Table, by_name

SCHEMA_VERSION = 5
"""The newest schema, which this app needs; ``imagectl schema`` brings a database to it."""

_KEY = "NVARCHAR(64)"
_TIME = "DATETIME2(3)"

_FILE_NAME = Column(
    "file_name",
    "NVARCHAR(2048)",
    "name within the container (`2026/a b.jpg`); never indexed or compared",
    nullable=False,
)
_FILE_SIZE_KB = Column("file_size_kb", "FLOAT", "size of the blob in bytes / 1024, unrounded", nullable=False)
_UPLOAD_ID = Column(
    "upload_id",
    _KEY,
    "key: sha256 of account, container, name and ETag; one row in both tables together",
    nullable=False,
)
_BLOB_ID_MEANING = "sha256 of account, container and name: the same for every state of a blob"
_ACCOUNT = Column("account", "NVARCHAR(64)", "storage account")
_CONTAINER = Column("container", "NVARCHAR(64)", "container")
_ETAG = Column("etag", "NVARCHAR(128)", "ETag of the state that was read, without quotes")
_CONTENT_MD5 = Column("content_md5", "NVARCHAR(32)", "MD5 of the content in base64, where storage has one")
_UPLOADED_AT = Column("uploaded_at", _TIME, "Last-Modified of the state that was read, UTC")
_STORED_AT = Column("stored_at", _TIME, "when the row was inserted, by the database's clock, UTC", default_now=True)
_CONTENT_TYPE = Column("content_type", "NVARCHAR(255)", "content type as the uploader declared it")
_EXTRACTOR_VERSION = Column(
    "extractor_version", "INT", "version of the extraction that read the header; null before version 2", since=2
)
_READ_AT = Column(
    "read_at", _TIME, "when the state was read, UTC: orders the states of one second; null in older rows", since=2
)

_BLOB_METADATA = (
    Column(
        "blob_metadata",
        "NVARCHAR(2048)",
        "the uploader's own metadata as JSON; only with `STORE_BLOB_METADATA`",
        since=5,
    ),
    Column("blob_metadata_omitted", "INT", "keys of it that did not fit", since=5),
)

IMAGE_METADATA = Table(
    "ImageMetadata",
    "one row per upload (one state of one blob) that was read and is an image",
    by_name(
        _FILE_NAME,
        _FILE_SIZE_KB,
        Column("width", "INT", "stored pixel width, before orientation", nullable=False),
        Column("height", "INT", "stored pixel height, before orientation", nullable=False),
        Column("format", "NVARCHAR(32)", "Pillow's format name (`JPEG`, `PNG`, `HEIF`, …)", nullable=False),
        _UPLOAD_ID,
        Column("blob_id", _KEY, _BLOB_ID_MEANING, nullable=False),
        _ACCOUNT,
        _CONTAINER,
        _ETAG,
        _CONTENT_MD5,
        _UPLOADED_AT,
        _STORED_AT,
        _CONTENT_TYPE,
        Column("content_type_matches", "BIT", "whether the declared content type agrees with the content"),
        Column("orientation", "INT", "EXIF orientation, 1 to 8"),
        Column("display_width", "INT", "pixel width that a viewer shows"),
        Column("display_height", "INT", "pixel height that a viewer shows"),
        Column("color_mode", "NVARCHAR(16)", "Pillow's mode name (`RGB`, `CMYK`, `P`, `L`, …)"),
        Column("bit_depth", "INT", "bits per channel"),
        Column("has_alpha", "BIT", "whether pixels can be transparent"),
        Column("frame_count", "INT", "frames or pages, where the header says it"),
        Column("taken_at", _TIME, "local time of the camera's clock"),
        Column("taken_at_offset", "NVARCHAR(6)", "offset of `taken_at` from UTC (`+02:00`), where the file says it"),
        Column("camera_make", "NVARCHAR(160)", "maker of the camera"),
        Column("camera_model", "NVARCHAR(160)", "model of the camera"),
        Column("lens_model", "NVARCHAR(160)", "model of the lens"),
        Column("latitude", "FLOAT", "decimal degrees, north positive, WGS 84; only with `STORE_LOCATION`"),
        Column("longitude", "FLOAT", "decimal degrees, east positive, WGS 84; only with `STORE_LOCATION`"),
        _EXTRACTOR_VERSION,
        _READ_AT,
        *_BLOB_METADATA,
    ),
)

IMAGE_REJECTIONS = Table(
    "ImageRejections",
    "one row per upload that was read and will never have metadata",
    by_name(
        _FILE_NAME,
        _FILE_SIZE_KB,
        Column(
            "reason",
            "NVARCHAR(32)",
            "`empty`, `unsupported_format`, `corrupt`, `invalid_dimensions` or `header_too_large`",
            nullable=False,
        ),
        Column("detail", "NVARCHAR(1000)", "one sentence: what was expected, what was found", nullable=False),
        _UPLOAD_ID,
        _ACCOUNT,
        _CONTAINER,
        _ETAG,
        _CONTENT_MD5,
        _UPLOADED_AT,
        _STORED_AT,
        _CONTENT_TYPE,
        Column("blob_id", _KEY, f"{_BLOB_ID_MEANING}; null in rows of an app before version 2", since=2),
        _EXTRACTOR_VERSION,
        _READ_AT,
        *_BLOB_METADATA,
    ),
)

PROCESSED_UPLOADS = Table(
    "ProcessedUploads",
    "one key per row of the two tables, kept by their triggers, so that an upload has one row in both together",
    by_name(Column("upload_id", _KEY, "key of the row", since=2, nullable=False)),
    since=2,
    key="upload_id",
)

RECONCILIATIONS = Table(
    "Reconciliations",
    "one row per run that compared the container with the tables; rows are only inserted",
    by_name(
        Column("id", _KEY, "of the run, at random", nullable=False),
        Column("began_at", _TIME, "UTC", nullable=False),
        Column("ended_at", _TIME, "UTC", nullable=False),
        Column("continuation", "NVARCHAR(MAX)", "where the next run goes on with the listing; null at its beginning"),
        Column("complete", "BIT", "whether the run reached the end of the listing", nullable=False),
        Column("blobs", "INT", "blobs that were compared", nullable=False),
        Column("started", "INT", "unprocessed uploads that were started", nullable=False),
        Column("changed", "INT", "of those, newer states of a blob that has a row", nullable=False),
        Column("errors", "INT", "uploads that could not be started", nullable=False),
    ),
    since=3,
    key="id",
)

BLOB_OBSERVATIONS = Table(
    "BlobObservations",
    "when a blob was seen to be deleted, or to be there again; rows are only inserted",
    by_name(
        Column("blob_id", _KEY, _BLOB_ID_MEANING, nullable=False),
        Column("observed_at", _TIME, "UTC", nullable=False),
        Column("present", "BIT", "0: storage said that the blob does not exist", nullable=False),
    ),
    since=4,
)

SCHEMA_VERSIONS = Table(
    "SchemaVersions",
    "one row per migration that this database has been through",
    by_name(
        Column("version", "INT", "number of the migration", nullable=False),
        Column("applied_at", _TIME, "when it was applied, by the database's clock, UTC", default_now=True),
    ),
    key="version",
)

UPLOAD_TABLES = (IMAGE_METADATA, IMAGE_REJECTIONS)
"""The two tables that hold one row per upload between them."""

TABLES = (*UPLOAD_TABLES, PROCESSED_UPLOADS, RECONCILIATIONS, BLOB_OBSERVATIONS, SCHEMA_VERSIONS)
