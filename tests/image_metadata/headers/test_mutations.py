"""Mutations of small sound files give a header or a rejection, within the budget."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.corpus.catalog import CORPUS
from tests.corpus.robustness import check

OWN = ("jpeg", "png", "gif", "webp", "tiff", "bmp", "ico", "cur", "psd", "qoi", "ppm")
SMALLEST = {
    family: min((one for one in CORPUS if one.family == family), key=lambda one: len(one.data))
    for family in {sample.family for sample in CORPUS} & set(OWN)
}
RICHEST = [sample for sample in CORPUS if sample.truth.get("camera_model") and len(sample.data) < 20_000]
EXTREMES = st.sampled_from([b"\0", b"\xff", b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\x80", b"\0" * 8, b"\xff" * 8])


@st.composite
def damaged(draw, data):
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, min(len(data), 2000)))
        patch = draw(EXTREMES | st.binary(min_size=1, max_size=8))
        data = data[:at] + patch + data[at + draw(st.sampled_from([0, len(patch), 1, 50])) :]
    return data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data


@pytest.mark.parametrize("family", sorted(SMALLEST))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_file_becomes_a_header_or_a_rejection(family, data):
    sample = SMALLEST[family]
    assert check(data.draw(damaged(sample.data)), sample.name).problems == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_damaged_exif_rejects_no_image_and_gives_no_invalid_value(data):
    sample = data.draw(st.sampled_from(RICHEST))
    assert check(data.draw(damaged(sample.data)), sample.name).problems == []
