"""Results are shown as they were measured."""

import pytest
from rich.console import Console

from benchmarks import charts, results
from benchmarks.results import Result, Section, amount, duration, spread


def section(*reached):
    return Section(
        "Cost", "Less is better.", [Result(what="bytes", ours="1 KiB", target="≤ 2", reached=r) for r in reached]
    )


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (2**20, "1.0 MiB"), (2**30, "1.0 GiB")]
)
def test_sizes_have_the_unit_that_people_read(size, text):
    assert amount(size) == text


@pytest.mark.parametrize(("seconds", "text"), [(2.5, "2.5 s"), (0.0123, "12.3 ms"), (4.2e-05, "42 µs")])
def test_durations_have_the_unit_that_people_read(seconds, text):
    assert duration(seconds) == text


def test_a_ratio_is_the_median_of_the_pairs_with_its_spread():
    assert spread([1.5, 0.9, 1.2]) == "1.20 (0.90 to 1.50)"


def test_a_missed_target_is_marked():
    console = Console(record=True, width=160)
    results.show(section(False), console)
    assert "MISSED" in console.export_text()


def test_without_a_target_nothing_is_reached_or_missed():
    assert Result(what="memory", ours="9 MiB").cells()[-1] == ""
    assert not results.missed([section(None)])


def test_the_report_has_a_line_for_each_result_and_no_empty_column():
    text = results.markdown("Results", "One run.", [section(True, False)], ["bytes-per-image.svg"])
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert lines == [
        "| measured | this project | target | verdict |",
        "| --- | --- | --- | --- |",
        "| bytes | 1 KiB | ≤ 2 | reached |",
        "| bytes | 1 KiB | ≤ 2 | MISSED |",
    ]


def test_a_chart_has_a_bar_per_way_and_workload_and_no_script(tmp_path):
    charts.write_bars(tmp_path / "a.svg", "Bytes", ["10 MB", "100 MB"], {"samples": [20, 200], "queue": [3, 3]})
    picture = (tmp_path / "a.svg").read_text("utf-8")
    assert picture.count('class="rect') == 4
    assert "<script" not in picture
