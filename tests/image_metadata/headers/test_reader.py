"""The header of a blob of any size is read in a few small requests."""

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers.reader import FIRST_READ, Budget, HeaderReader
from image_metadata.model import RejectionReason
from tests.corpus.reading import CountedFile

DATA = bytes(range(251)) * 4000
KIBIBYTE = 1024


@pytest.fixture
def file():
    return CountedFile(DATA)


def reader(file, **options):
    return HeaderReader(file.fetch, len(file.data), **options)


def test_bytes_of_the_first_read_cost_no_request(file):
    source = reader(file, first=DATA[:FIRST_READ])
    assert source.at(1000, 2000) == DATA[1000:3000]
    assert file.requests == 0


def test_without_a_first_read_the_reader_makes_it(file):
    assert reader(file).at(0, 4) == DATA[:4]
    assert (file.requests, file.fetched) == (1, FIRST_READ)


def test_a_jump_fetches_four_kibibytes(file):
    source = reader(file, first=DATA[:FIRST_READ])
    assert source.at(500_000, 8) == DATA[500_000:500_008]
    assert (file.requests, file.fetched) == (1, 4 * KIBIBYTE)


def test_a_jump_near_the_end_fetches_the_end(file):
    source = reader(file, first=DATA[:FIRST_READ])
    for offset in (len(DATA) - 8, len(DATA) - 4 * KIBIBYTE):
        assert source.at(offset, 8) == DATA[offset : offset + 8]
    assert (file.requests, file.fetched) == (1, 4 * KIBIBYTE)


def test_consecutive_reads_grow_and_leave_no_gap(file):
    source = reader(file, first=DATA[:FIRST_READ])
    assert source.at(0, 300_000) == DATA[:300_000]
    assert b"".join(source.at(offset, 100) for offset in range(300_000, 400_000, 100)) == DATA[300_000:400_000]
    assert file.requests <= 5


def test_a_small_gap_is_fetched_with_what_follows(file):
    source = reader(file, first=DATA[:FIRST_READ])
    source.at(FIRST_READ + 10_000, 4)
    assert source.at(FIRST_READ, 10_000) == DATA[FIRST_READ : FIRST_READ + 10_000]
    assert file.requests == 1


def test_fetched_bytes_are_kept(file):
    source = reader(file)
    for offset in (0, 500_000, 900_000, 500_100, 20):
        assert source.at(offset, 100) == DATA[offset : offset + 100]
    assert file.requests == 3
    assert source.holds(500_000, 100)
    assert not source.holds(100_000, 1)


def test_nothing_is_requested_past_the_end(file):
    asked = []
    source = HeaderReader(lambda offset, length: asked.append(offset + length) or file.fetch(offset, length), len(DATA))
    source.at(len(DATA) - 10, 10)
    assert max(asked) == len(DATA)


@pytest.mark.parametrize(("offset", "length"), [(len(DATA) - 3, 4), (2**63, 1), (-1, 1)])
def test_an_offset_outside_the_file_is_a_corrupt_header(file, offset, length):
    with pytest.raises(HeaderRejectedError, match="truncated") as caught:
        reader(file).at(offset, length)
    assert caught.value.reason == RejectionReason.CORRUPT


@pytest.mark.parametrize(
    "budget", [Budget(bytes=300_000), Budget(requests=5), Budget(seconds=-1.0)], ids=["bytes", "requests", "seconds"]
)
def test_a_header_that_costs_more_than_the_budget_is_too_large(file, budget):
    source = reader(file, budget=budget)
    with pytest.raises(HeaderRejectedError) as caught:
        [source.at(offset, 20_000) for offset in range(0, len(DATA), 40_000)]
    assert caught.value.reason == RejectionReason.HEADER_TOO_LARGE
    assert file.fetched <= budget.bytes
    assert file.requests <= budget.requests


def test_slow_storage_does_not_exhaust_the_budget(file, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])

    def slow(offset, length):
        clock[0] += 100
        return file.fetch(offset, length)

    source = HeaderReader(slow, len(DATA))
    assert [source.at(offset, 4) for offset in (0, 500_000, 900_000)] == [
        DATA[offset : offset + 4] for offset in (0, 500_000, 900_000)
    ]


def test_a_parser_that_never_ends_is_stopped_by_the_number_of_its_reads(file):
    source = reader(file, first=DATA[:100], budget=Budget(reads=1000))
    with pytest.raises(HeaderRejectedError, match="expected the header within 1000 reads") as caught:
        [source.at(0, 4) for _ in count()]
    assert (caught.value.reason, source.reads) == (RejectionReason.HEADER_TOO_LARGE, 1001)


def test_the_last_bytes_of_the_budget_can_be_read(file):
    source = reader(file, first=DATA[:1000], budget=Budget(bytes=1500))
    assert source.at(900_000, 500) == DATA[900_000:900_500]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(DATA)), st.integers(0, 120_000)), max_size=20))
def test_every_range_within_the_file_is_answered_with_its_bytes(ranges):
    source = reader(CountedFile(DATA))
    for offset, length in ranges:
        known = min(length, len(DATA) - offset)
        assert source.at(offset, known) == DATA[offset : offset + known]


def test_bytes_of_two_requests_are_held_together():
    source = reader(CountedFile(DATA), first=DATA[:FIRST_READ])
    source.at(FIRST_READ, 10)
    assert source.holds(FIRST_READ - 100, 200)
    assert not source.holds(FIRST_READ - 100, 200_000)
