"""Results are shown as they were measured."""

from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from benchmarks import results
from benchmarks.results import Result, amount, duration


def result(what="JPEG & co", *, ratio=0.5, reached=True):
    return Result(what=what, usual="2 s", ours="1 s", ratio=ratio, target="≤ 0.6 of it", reached=reached)


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (2**20, "1.0 MiB"), (2**30, "1.0 GiB")]
)
def test_sizes_have_the_unit_that_people_read(size, text):
    assert amount(size) == text


@pytest.mark.parametrize(("seconds", "text"), [(2.5, "2.5 s"), (0.0123, "12.3 ms"), (4.2e-05, "42 µs")])
def test_durations_have_the_unit_that_people_read(seconds, text):
    assert duration(seconds) == text


def test_what_was_missed_says_so():
    console = Console(record=True, width=160)
    results.show([result(reached=False)], console)
    assert "MISSED" in console.export_text()


def test_the_picture_has_a_bar_for_each_ratio():
    picture = ET.fromstring(results.picture([result(), result("heic", ratio=0.001), result("rows", ratio=None)]))  # noqa: S314  # our own text
    assert len(picture.findall("{http://www.w3.org/2000/svg}rect")) == 1 + 2


def test_the_report_has_a_line_for_each_result(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    results.write([result(), result("heic")], "One run.")
    assert (tmp_path / "results.md").read_text("utf-8").count("| reached |") == 2
