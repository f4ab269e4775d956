"""The data of the page: what each column says, in the order of the page."""

import json
from datetime import datetime

import pytest

from imagectl.report.columns import IMAGES, REJECTIONS, history, sources, table_data

ROW = {
    "upload_id": "u",
    "file_name": "a.jpg",
    "account": "store",
    "container": "image-input",
    "format": "JPEG",
    "file_size_kb": 1.5,
    "width": 40,
    "height": 30,
    "display_width": 40,
    "display_height": 30,
    "uploaded_at": "2026-11-22T05:00:00.000",
}


def columns_of(*changes: dict, page_columns=IMAGES):
    """The columns of a table whose rows are the one above with these changes, in pages of two rows."""
    rows = [[(ROW | change).get(name) for name in sources(page_columns)] for change in changes]
    table = table_data(page_columns, [rows[start : start + 2] for start in range(0, len(rows), 2)])
    assert table.rows == len(rows)
    return json.loads(table.json)["columns"]


def test_the_newest_upload_comes_first_and_undated_rows_come_last():
    moments = ["2026-11-22T05:00:00.000", None, "2026-11-22T05:00:10.000"]
    columns = columns_of(*({"file_name": f"{n}.jpg", "uploaded_at": moment} for n, moment in enumerate(moments)))
    assert columns["file_name"] == ["2.jpg", "0.jpg", "1.jpg"]
    assert columns["uploaded_at"] == {"steps": [1795323610, -10, None]}


@pytest.mark.parametrize("moment", ["2026-11-22T05:00:00.000", datetime(2026, 11, 22, 5)])  # noqa: DTZ001  # as pyodbc gives it
def test_a_moment_is_read_as_sqlite_and_as_sql_server_say_it(moment):
    assert columns_of({"taken_at": moment})["taken_at"] == [1795323600]


def test_a_size_is_in_bytes():
    assert columns_of({"file_size_kb": 1001 / 1024})["bytes"] == [1001]


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Canon", "Canon EOS R5", "Canon EOS R5"),
        ("NIKON CORPORATION", "NIKON Z 6", "NIKON Z 6"),
        ("SONY", "ILCE-7M4", "SONY ILCE-7M4"),
        ("SONY", None, "SONY"),
        (None, "ILCE-7M4", "ILCE-7M4"),
        (" ", "X", "X"),
        (None, None, None),
    ],
)
def test_a_camera_is_called_by_its_make_once(make, model, camera):
    columns = columns_of({"camera_make": make, "camera_model": model})
    assert columns["camera"] == {"values": [camera], "codes": [0]}


def test_a_displayed_size_is_only_given_where_it_differs():
    columns = columns_of({}, {"display_width": 30, "display_height": 40}, {"display_width": None})
    assert (columns["display_width"], columns["display_height"]) == ([None, 30, None], [None, 40, None])


def test_content_that_several_rows_share_has_a_number():
    same, other = "AAAAAAAAAAAAAAAAAAAAAA==", "BBBBBBBBBBBBBBBBBBBBBB=="
    contents = [(same, 1.0), (other, 1.0), (same, 1.0), (same, 2.0), (None, 1.0)]
    columns = columns_of(*({"content_md5": md5, "file_size_kb": size} for md5, size in contents))
    assert columns["copy"] == [1, 0, 1, 0, None]


def test_a_row_from_before_may_lack_everything_but_its_key():
    columns = columns_of(dict.fromkeys(ROW.keys() - {"upload_id"}))
    assert [columns[name] for name in ("file_name", "bytes", "width", "height")] == [[""], [0], [0], [0]]
    assert columns["format"] == {"values": [None], "codes": [0]}


def test_history_is_what_is_superseded():
    columns = columns_of({"upload_id": "old"}, {"upload_id": "new"}, page_columns=(*IMAGES, history({"old"})))
    assert columns["history"] == [1, 0]


def test_a_table_without_rows_has_columns_without_values():
    assert json.loads(table_data(REJECTIONS, []).json) == {
        "rows": 0,
        "columns": {
            "file_name": [],
            "bytes": [],
            "reason": {"values": [], "codes": []},
            "detail": {"values": [], "codes": []},
            "uploaded_at": {"steps": []},
        },
    }
