"""No bytes crash the reader, make it loop, cost more than the budget, or make it warn or log."""

import gc
import tracemalloc
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpus.catalog import CORPUS
from tests.corpus.mutations import mutate
from tests.corpus.robustness import check

FAMILIES = sorted({sample.family for sample in CORPUS})
HEADS = sorted({sample.data[:length] for sample in CORPUS for length in (2, 4, 12, 16, 32)})
SUFFIXES = sorted({sample.name.rpartition(".")[2] for sample in CORPUS})


def mutated(family, count, seed):
    samples = [sample for sample in CORPUS if sample.family == family]
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    for _ in range(count):
        sample = random.choice(samples)
        yield mutate(random, [sample.data, random.choice(CORPUS).data]), sample.name


@pytest.mark.parametrize("family", FAMILIES)
def test_a_mutated_file_becomes_a_header_or_a_rejection(family):
    assert [problem for data, name in mutated(family, 100, seed=1) for problem in check(data, name).problems] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_a_file_cut_anywhere_in_its_first_bytes_becomes_a_header_or_a_rejection(family):
    smallest = min((sample for sample in CORPUS if sample.family == family), key=lambda sample: len(sample.data))
    cuts = [smallest.data[:length] for length in range(min(300, len(smallest.data)))]
    assert [problem for data in cuts for problem in check(data, smallest.name).problems] == []


@given(head=st.sampled_from(HEADS), tail=st.binary(max_size=2000), suffix=st.sampled_from(SUFFIXES))
@settings(deadline=None, derandomize=True, max_examples=500)
def test_any_bytes_behind_any_signature_become_a_header_or_a_rejection(head, tail, suffix):
    assert check(head + tail, f"file.{suffix}").problems == []


@given(data=st.binary(max_size=500))
@settings(deadline=None, derandomize=True)
def test_any_bytes_become_a_header_or_a_rejection(data):
    assert check(data, "file").problems == []


def test_reading_hostile_files_again_leaks_no_memory():
    files = [file for family in FAMILIES for file in mutated(family, 8, seed=2)]
    tracemalloc.start()
    try:
        sizes = [_traced_after(files) for _ in range(3)]
    finally:
        tracemalloc.stop()
    assert sizes[2] - sizes[1] < 16 * 1024


def _traced_after(files):
    for data, name in files:
        check(data, name)
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
