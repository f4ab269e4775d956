"""`imagectl query`: filters, orders and formats, compared as whole outputs."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from image_metadata.database.tables import IMAGE_METADATA
from imagectl.errors import UsageError
from tests.imagectl.stack import imagectl
from tests.support.command import ROOT, environment
from tests.support.databases import Database, sqlite_database, with_tables
from tests.support.image_rows import HOSTILE, add_image, add_many_images, add_rejection


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Three rows, the oldest stored in the middle."""
    database = with_tables(sqlite_database(tmp_path / "images.db"))
    monkeypatch.setenv("SqlConnectionString", database.settings.connection_string)
    add_image(database, "b.png", stored_at="2026-11-22T06:00:02.000", width=10, camera_make="Canon")
    add_image(database, "a.png", stored_at="2026-11-22T06:00:01.000", width=30, taken_at="2026-06-01T12:00:00.000")
    add_image(database, "c.JPG", stored_at="2026-11-22T06:00:03.000", width=20, format="JPEG", camera_model="iPhone 17")
    return database


@pytest.fixture
def query(capsys: pytest.CaptureFixture[str]):
    def run(*words: str) -> str:
        assert imagectl("query", *words) == 0
        return capsys.readouterr().out

    return run


def names(query: Any, *words: str) -> list[str]:
    return [json.loads(line)["file_name"] for line in query("--output", "ndjson", *words).splitlines()]


@pytest.mark.usefixtures("rows")
def test_in_a_pipe_it_prints_the_main_columns_with_tabs_between_them_the_newest_row_first(query):
    assert query() == (
        "file_name\tfile_size_kb\twidth\theight\tformat\torientation\ttaken_at\n"
        "c.JPG\t2.0\t20\t30\tJPEG\t\t\n"
        "b.png\t2.0\t10\t30\tPNG\t\t\n"
        "a.png\t2.0\t30\t30\tPNG\t\t2026-06-01T12:00:00.000\n"
    )


@pytest.mark.usefixtures("rows")
def test_a_table_is_cut_to_the_width_of_the_terminal_with_ellipses(
    rows: Database, query, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "80")
    add_image(rows, "long " * 60 + "😀.png", stored_at="2026-11-22T06:00:04.000", file_size_kb=12345.67)
    assert query("--output", "table", "--limit", "2") == (
        "file_name                          file_size_kb  width  height  format  taken_at\n"
        "long long long long long long lo…      12,345.7     40      30  PNG\n"
        "c.JPG                                       2.0     20      30  JPEG\n"
    )


def test_a_narrow_table_keeps_the_name_and_leaves_lesser_columns_out(
    rows: Database, query, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "60")
    taken_at = "2026-06-01T12:00:59.123"
    add_image(rows, f"{'long ' * 60}.png", stored_at="2026-11-22T06:00:04.000", taken_at=taken_at)
    assert query("--output", "table", "--limit", "1") == (
        "file_name                              width  height  format\n"
        "long long long long long long long l…     40      30  PNG\n"
    )
    monkeypatch.setenv("COLUMNS", "80")
    assert "  taken_at\n" in (table := query("--output", "table", "--limit", "1"))
    assert table.endswith("  2026-06-01 12:00\n")
    assert taken_at in query("--output", "tsv", "--limit", "1")


def test_control_and_bidirectional_characters_are_escaped_in_a_table_and_exact_in_data(rows: Database, query):
    for name in HOSTILE:
        add_image(rows, name)
    table = query("--output", "table")
    assert all(char.isprintable() or char == "\n" for char in table)
    assert "gpj.\\u202eexe" in table
    assert set(HOSTILE) < set(names(query))


def test_tsv_separates_by_tabs_and_line_feeds_alone_and_escapes_them_in_values(rows: Database, query):
    for name in (*HOSTILE, "hurt/quo'te\".png", "tab\tline\r\nslash\\t.png"):
        add_image(rows, name)
    lines = query("--output", "tsv", "--limit", "all").removesuffix("\n").split("\n")
    assert {line.count("\t") for line in lines} == {lines[0].count("\t")}
    first = [line.partition("\t")[0] for line in lines]
    assert {"hurt/quo'te\".png", r"tab\tline\r\nslash\\t.png"} < set(first)
    plain = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}
    assert set(HOSTILE) < {re.sub(r"\\(.)", lambda escape: plain[escape[1]], name) for name in first}


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("option", ["--output", "--format"])
def test_json_and_csv_have_every_column(query, option: str):
    columns = set(IMAGE_METADATA.columns)
    (row, *_) = json.loads(query(option, "json"))
    assert set(row) == columns
    assert (row["file_size_kb"], row["width"], row["orientation"]) == (2.0, 20, None)
    assert row["stored_at"] == "2026-11-22T06:00:03.000"
    (row, *_) = csv.DictReader(io.StringIO(query(option, "csv")))
    assert set(row) == columns
    assert (row["file_size_kb"], row["width"], row["orientation"]) == ("2.0", "20", "")


def test_csv_for_excel_has_a_mark_and_no_formula(rows: Database, query):
    add_image(rows, '=HYPERLINK("x")', stored_at="2026-11-22T06:00:05.000")
    text = query("--csv-for-excel", "--limit", "1")
    assert text.startswith("\ufefffile_name,")
    assert text.splitlines()[1].startswith('"\'=HYPERLINK(""x"")",2.0,40,')


@pytest.mark.parametrize("form", ["table", "tsv", "json", "ndjson"])
def test_csv_for_excel_with_another_format_is_wrong_usage(form: str):
    with pytest.raises(UsageError, match=f"--csv-for-excel is csv and does not go with {form}"):
        imagectl("query", "--csv-for-excel", "--output", form)


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--limit", "2"], ["c.JPG", "b.png"]),
        (["--sort", "file_name"], ["a.png", "b.png", "c.JPG"]),
        (["--sort", "width:desc"], ["a.png", "c.JPG", "b.png"]),
        (["--sort", "taken_at", "--limit", "all"], ["b.png", "c.JPG", "a.png"]),
        (["--name", "*.png"], ["b.png", "a.png"]),
        (["--name", "?.jpg"], []),
        (["--name", "[ab].*"], ["b.png", "a.png"]),
        (["--name", "[]b].png"], ["b.png"]),
        (["--image-format", "jpeg"], ["c.JPG"]),
        (["--min-width", "20", "--max-width", "29"], ["c.JPG"]),
        (["--min-size", "3"], []),
        (["--since", "2026-11-22T06:00:02"], ["c.JPG", "b.png"]),
        (["--taken-since", "2026-06-01"], ["a.png"]),
        (["--camera", "IPHONE"], ["c.JPG"]),
        (["--camera", "%"], []),
    ],
)
def test_filters_and_orders_choose_rows(query, words: list[str], expected: list[str]):
    rows = names(query, *words)
    assert rows == expected if "--sort" not in words or "taken_at" not in words else set(rows) == set(expected)


def test_duplicates_are_blobs_that_share_their_content(rows: Database, query):
    for name in ("one.png", "two.png"):
        add_image(rows, name, content_md5="same")
    for second in range(2):
        add_image(
            rows, "overwritten.png", content_md5="own", blob_id="blob", uploaded_at=f"2026-11-22T05:00:0{second}.000"
        )
    assert sorted(names(query, "--duplicates")) == ["one.png", "two.png"]


def test_current_shows_the_newest_state_of_each_blob(rows: Database, query):
    for second in range(2):
        add_image(rows, f"{second}", blob_id="blob", uploaded_at=f"2026-11-22T05:00:0{second}.000")
    assert sorted(names(query, "--current")) == ["1", "a.png", "b.png", "c.JPG"]


def test_rejections_have_their_own_table(rows: Database, query):
    add_rejection(rows, "notes.txt", reason="unsupported_format")
    add_rejection(rows, "broken.png")
    assert query("--rejections", "--reason", "unsupported_format") == (
        "file_name\tfile_size_kb\treason\tdetail\n"
        "notes.txt\t2.0\tunsupported_format\texpected more, found the end of the file\n"
    )


@pytest.mark.usefixtures("rows")
def test_omitted_rows_are_reported_on_stderr_unless_quiet(capsys: pytest.CaptureFixture[str]):
    imagectl("query", "--limit", "2")
    assert capsys.readouterr().err == "The first 2; there are more, --limit all shows them.\n"
    imagectl("query", "--name", "none")
    assert capsys.readouterr().err == "No row of ImageMetadata matches.\n"
    imagectl("query", "--limit", "2", "--quiet")
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--rejections", "--min-width", "2"], "--min-width goes with images"),
        (["--reason", "corrupt"], "--reason goes with --rejections"),
        (["--sort", "etag; DROP"], "expected --sort to be one of file_name, "),
    ],
)
def test_options_that_do_not_fit_together_are_wrong_usage(words: list[str], sentence: str):
    with pytest.raises(UsageError, match=sentence):
        imagectl("query", *words)


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_is_a_positive_number(limit: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        imagectl("query", "--limit", limit)
    assert "expected a positive integer" in capsys.readouterr().err


def test_a_reader_that_pauses_delays_no_store(rows: Database):
    add_many_images(rows, 20_000)
    command = [sys.executable, "-m", "imagectl", "query", "--limit", "all", "--output", "csv"]
    settings = environment(SqlConnectionString=rows.settings.connection_string)
    reading, writing = os.pipe()
    with subprocess.Popen(command, cwd=ROOT, env=settings, stdout=writing) as paused:
        os.close(writing)
        assert os.read(reading, 10)
        # The pipe is full, and the query waits in the middle of its rows.
        writer = sqlite_database(Path(rows.settings.connection_string.split("Database=")[1].split(";")[0]), 100)
        add_image(writer, "meanwhile.png")
        assert paused.poll() is None
        os.close(reading)
        assert paused.wait(60) == 0
