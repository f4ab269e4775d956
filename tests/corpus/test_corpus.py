"""The corpus is large and reproducible."""

from collections import Counter

import pytest

from tests.corpus.catalog import CORPUS


def test_the_corpus_has_more_than_150_files():
    assert len(CORPUS) > 150


def test_every_file_has_a_name_of_its_own():
    assert [name for name, count in Counter(sample.name for sample in CORPUS).items() if count > 1] == []


@pytest.mark.parametrize("family", sorted({sample.family for sample in CORPUS}))
def test_a_file_made_twice_has_the_same_bytes(family):
    assert [sample.name for sample in CORPUS if sample.family == family and sample.make() != sample.data] == []
