"""Reading a whole table in pages: every row once, on both engines."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from image_metadata.database.connections import cursor
from imagectl.pipeline.table_pages import pages_by_key, superseded
from tests.support.databases import ENGINES, Database, sql_server_database, sqlite_database, with_tables
from tests.support.image_rows import add_image


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path):
    """Five rows; a, c and e are states of one blob."""
    with ExitStack() as stack:
        is_sqlite = request.param == "sqlite"
        found = sqlite_database(tmp_path / "images.db") if is_sqlite else stack.enter_context(sql_server_database())
        for second, key in enumerate("ebdac"):
            uploaded_at = f"2026-11-22T05:00:0{second}.000"
            blob_id = "ace" if key in "ace" else key
            add_image(with_tables(found), "a.png", upload_id=key, blob_id=blob_id, uploaded_at=uploaded_at)
        yield found


def test_every_row_comes_once_in_the_order_of_the_key(database: Database):
    with cursor(database.settings) as open_cursor:
        pages = [
            [tuple(row) for row in page]
            for page in pages_by_key(open_cursor, "ImageMetadata", ["upload_id", "file_name"], size=2)
        ]
    assert pages == [[("a", "a.png"), ("b", "a.png")], [("c", "a.png"), ("d", "a.png")], [("e", "a.png")]]


def test_what_the_view_leaves_out_is_superseded(database: Database):
    with cursor(database.settings) as open_cursor:
        assert superseded(open_cursor) == {"a", "e"}
