"""What was measured stays when a later measurement fails."""

from collections.abc import Iterator

from benchmarks.errors import BenchmarkError
from benchmarks.growth.__main__ import completed
from benchmarks.results import Result, Section, missed


def failing_after_one() -> Iterator[Result]:
    yield Result(what="1,000 rows", ours="1 s")
    raise BenchmarkError("expected 1 row, but the host ended; it said last:\na line")


def test_a_measurement_that_fails_keeps_what_it_has_measured_and_says_why_the_rest_is_missing():
    results = list(completed(failing_after_one))
    assert [result.what for result in results] == ["1,000 rows", "not measured"]
    assert results[1].ours == "BenchmarkError: expected 1 row, but the host ended; it said last:"
    assert missed([Section("Rows", "", results)])


def test_a_measurement_that_ends_is_passed_on_as_it_is():
    whole = [Result(what="1,000 rows", ours="1 s"), Result(what="10,000 rows", ours="2 s")]
    assert list(completed(lambda: iter(whole))) == whole
