"""A SQLite database may lie in a folder of any name."""

from pathlib import Path

import pytest

from image_metadata.database.sqlite_file import for_driver
from image_metadata.errors import TransientDatabaseError
from tests.support.databases import sqlite_database, with_tables


@pytest.mark.parametrize("folder", ["plain", "with space", "é", "日本", "😀", "100% ü?#"])
def test_the_file_is_made_where_the_path_says_and_nowhere_else(tmp_path: Path, folder: str):
    (tmp_path / folder).mkdir()
    database = with_tables(sqlite_database(tmp_path / folder / "images ü.db"))
    assert database.rows() == []
    assert [file.relative_to(tmp_path) for file in tmp_path.rglob("*.db")] == [Path(folder) / "images ü.db"]
    assert [entry.name for entry in tmp_path.iterdir()] == [folder]


@pytest.mark.parametrize(
    "connection_string",
    [
        "Driver=SQLite3;Database=/srv/images.db;Timeout=30000",
        "Driver={ODBC Driver 18 for SQL Server};Server=tcp:db,1433;Database=bilder_ü",
        "Driver=SQLite3;Database=file:/srv/%C3%BC.db;Description=ü",
    ],
    ids=["an ASCII path", "SQL Server", "a URI"],
)
def test_what_the_driver_takes_stays_as_it_is(connection_string: str):
    assert for_driver(connection_string, create=True) == connection_string


def test_the_app_and_its_tools_make_no_file_where_none_is(tmp_path: Path):
    database = sqlite_database(tmp_path / "wrong.db")
    (tmp_path / "wrong.db").unlink()
    with pytest.raises(
        TransientDatabaseError, match=r"cannot be opened: expected the file .*wrong.db, but there is none; "
    ):
        database.query("SELECT 1")
    assert list(tmp_path.iterdir()) == []
