"""What columns keep where the terminal is too narrow for all of them."""

import pytest

from imagectl.output.columns import Column, Kind, line_width, widths_of

COLUMNS = (Column("blob", Kind.BLOB), Column("count", Kind.NUMBER), Column("reason"), Column("etag", drop=1))
ROWS = [["n" * 70, "12,345.7", "unsupported_format", "0x8DE1234567890AB"]]


@pytest.mark.parametrize(
    ("room", "widths"),
    [
        (200, [70, 8, 18, 17]),
        (90, [41, 8, 18, 17]),
        (72, [42, 8, 18, 0]),
        (48, [24, 8, 12, 0]),
        (30, [12, 8, 6, 0]),
    ],
)
def test_the_lesser_column_is_left_out_then_the_code_is_cut_and_last_the_name(room: int, widths: list[int]):
    assert widths_of(COLUMNS, ROWS, room) == widths
    assert line_width(widths) <= room


def test_only_the_container_of_the_images_is_left_out_of_a_name():
    text = Column("blob", Kind.BLOB).text
    assert [text(name) for name in ("image-input/a/b.png", "others/a.png", "a.png")] == [
        "a/b.png",
        "others/a.png",
        "a.png",
    ]


def test_a_moment_is_shown_to_the_second_or_where_that_does_not_fit_to_the_minute():
    column = Column("since", Kind.MOMENT)
    text = column.text("2026-11-22T06:28:51.123Z")
    assert (text, column.cell(text, 18).rstrip()) == ("2026-11-22 06:28:51", "2026-11-22 06:28")
