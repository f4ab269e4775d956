"""`imagectl query` on SQLite and on SQL Server: the same filters, orders and pages."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.imagectl.stack import imagectl
from tests.support.database_fixtures import database, empty_database
from tests.support.databases import Database
from tests.support.image_rows import add_all, add_image, add_rejection, image_row

__all__ = ["database", "empty_database"]

Query = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def query(database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Query:
    monkeypatch.setenv("SqlConnectionString", database.settings.connection_string)

    def run(*words: str) -> list[dict[str, Any]]:
        assert imagectl("query", "--output", "json", *words) == 0
        rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
        return rows

    return run


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["file_name"] for row in rows]


def test_filters_choose_rows(database: Database, query: Query):
    add_image(database, "50%_[a].png", stored_at="2026-11-22T06:00:02.000", width=10, camera_make="Canon")
    add_image(database, "a.png", stored_at="2026-11-22T06:00:01.000", width=30, taken_at="2026-06-01T12:00:00.000")
    add_image(database, "ä😀.JPG", stored_at="2026-11-22T06:00:03.000", format="JPEG", camera_model="iPhone 17")
    add_rejection(database, "notes.txt", reason="unsupported_format")
    add_rejection(database, "broken.png")
    for words, expected in (
        ([], ["ä😀.JPG", "50%_[a].png", "a.png"]),
        (["--limit", "2"], ["ä😀.JPG", "50%_[a].png"]),
        (["--name", "*.png"], ["50%_[a].png", "a.png"]),
        (["--name", "?.jpg"], []),
        (["--name", "??.JPG"], ["ä😀.JPG"]),
        (["--name", "*%_*"], ["50%_[a].png"]),
        (["--image-format", "jpeg"], ["ä😀.JPG"]),
        (["--min-width", "20", "--max-width", "39"], ["a.png"]),
        (["--min-size", "3"], []),
        (["--since", "2026-11-22T06:00:02"], ["ä😀.JPG", "50%_[a].png"]),
        (["--taken-since", "2026-06-01"], ["a.png"]),
        (["--camera", "IPHONE"], ["ä😀.JPG"]),
        (["--camera", "%"], []),
        (["--rejections", "--reason", "unsupported_format"], ["notes.txt"]),
    ):
        assert (words, names(query(*words))) == (words, expected)


def test_a_time_is_text_without_a_zone_and_an_absent_value_is_null(database: Database, query: Query):
    add_image(database, "a.png", stored_at="2026-11-22T06:00:01.250", taken_at="2026-06-01T12:00:00.000")
    [row] = query()
    assert (row["stored_at"], row["taken_at"]) == ("2026-11-22T06:00:01.250", "2026-06-01T12:00:00.000")
    assert (row["file_size_kb"], row["width"], row["camera_make"]) == (2.0, 40, None)


def test_duplicates_share_their_content_and_current_leaves_older_states_out(database: Database, query: Query):
    for name in ("one.png", "two.png"):
        add_image(database, name, content_md5="same")
    for second in range(2):
        uploaded_at = f"2026-11-22T05:00:0{second}.000"
        add_image(database, f"state {second}", content_md5="own", blob_id="blob", uploaded_at=uploaded_at)
    assert sorted(names(query("--duplicates"))) == ["one.png", "two.png"]
    assert sorted(names(query("--current"))) == ["one.png", "state 1", "two.png"]


def test_every_row_comes_once_in_order_over_the_end_of_a_page(database: Database, query: Query):
    # The first page has a hundred rows; values that many rows share, and absent ones, lie at its end.
    moments = (None, "2026-06-01T00:00:00.000", "2026-06-02T00:00:00.000")
    stored = [
        image_row(f"{number:03}.gif", taken_at=moments[number % 3], stored_at="2026-11-22T06:00:00.000")
        for number in range(130)
    ]
    add_all(database, "ImageMetadata", stored)
    rows = query("--limit", "all")
    for column in ("stored_at", "taken_at", "file_name"):
        for direction in ("asc", "desc"):
            ordered = sorted(rows, key=lambda row, by=column: (row[by] or "", row["upload_id"]))
            expected = ordered if direction == "asc" else ordered[::-1]
            assert query("--limit", "all", "--sort", f"{column}:{direction}") == expected
    assert len({row["upload_id"] for row in rows}) == 130
