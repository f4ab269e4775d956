"""Text from outside is safe in a log line and in a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_metadata.text import printable


@given(st.text())
def test_the_result_is_one_printable_line(text: str):
    assert printable(text).isprintable()


@given(st.text())
def test_a_second_pass_changes_nothing(text: str):
    assert printable(printable(text)) == printable(text)


@pytest.mark.parametrize("text", ["a?sig=x", "Password=x", "AccountKey=x;Server=y", "Token=x"])
def test_what_spells_a_secret_is_encoded(text: str):
    assert "=" not in printable(text)


@pytest.mark.parametrize("text", ["2026/ä b.jpg", "😀.png", "写真.heic", "100%.png", "a+b#c.png"])
def test_what_people_write_stays_readable(text: str):
    assert printable(text) == text


def test_line_breaks_and_direction_overrides_are_encoded():
    assert printable("a\r\nb\u202ec") == "a%0D%0Ab%E2%80%AEc"


def test_a_long_text_is_cut_visibly():
    assert printable("a" * 400, limit=10) == "aaaaaaaaa…"
