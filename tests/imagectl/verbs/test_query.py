"""``query``: the rows as a person and as a program reads them."""

import csv
import io
import json
from contextlib import closing
from typing import Any

import pytest

from image_metadata.database.connections import connect
from image_metadata.database.tables import IMAGE_METADATA
from image_metadata.model import BlobFacts, ImageHeader, ImageMetadata, Upload
from image_metadata.store_metadata import store
from tests.imagectl.stack import Stack, imagectl


def add_row(stack: Stack, name: str, stored_at: str = "2026-11-22T06:00:00.000") -> None:
    upload = Upload("devstoreaccount1", "image-input", name, name)
    found = ImageMetadata(
        instance_id=upload.id,
        upload=upload,
        blob=BlobFacts(size=2048, uploaded_at="2026-11-22T05:00:00.000"),
        image=ImageHeader(width=40, height=30, format="PNG", display_width=40, display_height=30),
    )
    store(found, stack.connections)
    with closing(connect(stack.sql)) as connection:
        connection.execute("UPDATE ImageMetadata SET stored_at = ? WHERE upload_id = ?", stored_at, upload.id)


@pytest.fixture
def query(stack: Stack, capsys: pytest.CaptureFixture[str]):
    """Three rows, the oldest stored in the middle; gives what the verb prints."""
    for name, stored_at in (
        ("b", "2026-11-22T06:00:02.000"),
        ("a", "2026-11-22T06:00:01.000"),
        ("c", "2026-11-22T06:00:03.000"),
    ):
        add_row(stack, f"{name}.png", stored_at)

    def run(*words: str) -> str:
        assert imagectl("query", *words) == 0
        return capsys.readouterr().out

    return run


def in_json(text: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(text)
    return rows


def test_the_newest_row_comes_first(query):
    assert [row["file_name"] for row in in_json(query("--format", "json"))] == ["c.png", "b.png", "a.png"]


def test_the_limit_keeps_the_newest(query):
    assert [row["file_name"] for row in in_json(query("--format", "json", "--limit", "2"))] == ["c.png", "b.png"]


def test_json_and_csv_have_every_column(query):
    columns = set(IMAGE_METADATA.columns)
    (row, *_) = in_json(query("--format", "json"))
    assert set(row) == columns
    assert (row["file_size_kb"], row["width"], row["orientation"]) == (2.0, 40, None)
    assert row["stored_at"] == "2026-11-22T06:00:03.000"
    (row, *_) = csv.DictReader(io.StringIO(query("--format", "csv")))
    assert set(row) == columns
    assert (row["file_size_kb"], row["width"], row["orientation"]) == ("2.0", "40", "")


def test_the_table_shows_the_five_columns_people_ask_for(query):
    heading = query().splitlines()[2].split()
    assert heading[:5] == ["file_name", "file_size_kb", "width", "height", "format"]


def test_a_table_in_a_pipe_is_plain_text_of_110_columns(query, stack: Stack):
    add_row(stack, "\x1b[31m" + "long " * 60 + "😀[red].png")
    text = query()
    assert max(map(len, text.splitlines())) <= 110
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "[red].png" in text


def test_rejections_have_their_own_table(query, stack: Stack):
    stack.reject(stack.upload("notes.txt"))
    assert [(row["file_name"], row["reason"]) for row in in_json(query("--rejections", "--format", "json"))] == [
        ("notes.txt", "corrupt")
    ]


@pytest.mark.usefixtures("stack")
def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str]):
    imagectl("query")
    assert capsys.readouterr().out == "ImageMetadata has no row yet.\n"


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_is_a_positive_number(limit: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        imagectl("query", "--limit", limit)
    assert "expected a positive integer" in capsys.readouterr().err
