"""The migrations from 2 on: the statements of each, for one dialect. Migration 1 is ``sql/baseline``.

A migration is frozen once it is released, runs once, and probes for nothing. It leaves the app before it working:
it only adds tables, nullable columns, indexes and triggers that the older app's statements pass. Columns come from
their declarations in ``image_metadata.database.tables`` by ``since``.
"""

from collections.abc import Callable, Iterator

from image_metadata.database.tables import (
    BLOB_OBSERVATIONS,
    IMAGE_METADATA,
    IMAGE_REJECTIONS,
    PROCESSED_UPLOADS,
    RECONCILIATIONS,
    SCHEMA_VERSION,
    TABLES,
    UPLOAD_TABLES,
)
from imagectl.schema.dialects import Dialect, add_column, create_index, create_table

NEWEST_STATE = ("blob_id", "uploaded_at", "read_at", "upload_id")
"""The order of a blob's states, which the views' anti-join reads from one index."""


def statements(dialect: Dialect, version: int) -> Iterator[str]:
    """The statements of one migration, in order; the views are not among them: they are made once, at the end."""
    for table in TABLES:
        for column in table.columns.values():
            if column.since == version > table.since:
                yield add_column(dialect, table, column)
    yield from _MORE_THAN_COLUMNS.get(version, _nothing)(dialect)


def _one_key_for_both_tables(dialect: Dialect) -> Iterator[str]:
    # The triggers first: they lock both tables, so that no row arrives between filling the keys and the commit.
    yield create_table(dialect, PROCESSED_UPLOADS)
    for table in UPLOAD_TABLES:
        yield dialect.insert_trigger(table, PROCESSED_UPLOADS)
        yield dialect.delete_trigger(table, PROCESSED_UPLOADS)
    images, rejections, keys = IMAGE_METADATA.name, IMAGE_REJECTIONS.name, PROCESSED_UPLOADS.name
    yield f"DELETE FROM {rejections} WHERE upload_id IN (SELECT upload_id FROM {images})"  # noqa: S608  # names of this project
    yield f"INSERT INTO {keys} (upload_id) SELECT upload_id FROM {images}"  # noqa: S608  # names of this project
    yield f"INSERT INTO {keys} (upload_id) SELECT upload_id FROM {rejections}"  # noqa: S608  # names of this project
    yield dialect.drop_index("IX_ImageMetadata_blob_id", IMAGE_METADATA)
    for table in UPLOAD_TABLES:
        yield create_index(table, "newest_state", *NEWEST_STATE)
        yield create_index(table, "stored_at", "stored_at", "upload_id")
    yield create_index(IMAGE_METADATA, "content_md5", "content_md5")


def _reconciliations(dialect: Dialect) -> Iterator[str]:
    yield create_table(dialect, RECONCILIATIONS)


def _blob_observations(dialect: Dialect) -> Iterator[str]:
    yield create_table(dialect, BLOB_OBSERVATIONS)
    yield create_index(BLOB_OBSERVATIONS, "blob_id", "blob_id", "observed_at", "present")


def _nothing(_: Dialect) -> Iterator[str]:
    yield from ()


_MORE_THAN_COLUMNS: dict[int, Callable[[Dialect], Iterator[str]]] = {
    2: _one_key_for_both_tables,
    3: _reconciliations,
    4: _blob_observations,
}

VERSIONS = tuple(range(1, SCHEMA_VERSION + 1))
