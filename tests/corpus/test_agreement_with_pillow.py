"""The header agrees with a full open by Pillow, for every file of the corpus."""

from io import BytesIO

import pytest
from PIL import Image, UnidentifiedImageError

from tests.corpus.catalog import CORPUS
from tests.corpus.deliberate import NOT_A_FORMAT_OF_PILLOW, PILLOW_CANNOT_OPEN, PILLOW_SAYS_OTHERWISE
from tests.corpus.opinions import differences, frames, full_open
from tests.corpus.reading import CountedFile

PILLOWS = [sample for sample in CORPUS if sample.family not in NOT_A_FORMAT_OF_PILLOW]
OPENED = [sample for sample in PILLOWS if sample.name not in PILLOW_CANNOT_OPEN]
REFUSED = [sample for sample in CORPUS if sample.name in PILLOW_CANNOT_OPEN]


@pytest.mark.parametrize("sample", OPENED, ids=str)
def test_the_header_agrees_with_a_full_open(sample):
    compared = {field: said for field, said in full_open(sample.data).items() if not _differs(sample, field)}
    assert differences(compared, CountedFile(sample.data).header(sample.name)) == []


@pytest.mark.parametrize("sample", [sample for sample in CORPUS if sample.truth], ids=str)
def test_the_header_has_the_values_that_the_file_was_made_with(sample):
    assert differences(sample.truth, CountedFile(sample.data).header(sample.name)) == []


@pytest.mark.parametrize("sample", REFUSED, ids=str)
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_pillow_still_cannot_open_what_is_listed_as_such(sample):
    with pytest.raises(UnidentifiedImageError):
        Image.open(BytesIO(sample.data))


def test_frames_are_counted_as_pillow_counts_them_or_not_at_all():
    counted = [sample for sample in OPENED if not _differs(sample, "frame_count")]
    pairs = [(frames(sample.data), CountedFile(sample.data).header(sample.name).frame_count) for sample in counted]
    wrong = [
        (sample.name, *pair) for sample, pair in zip(counted, pairs, strict=True) if pair[1] not in {None, pair[0]}
    ]
    assert wrong == []


@pytest.mark.parametrize(("name", "field"), PILLOW_SAYS_OTHERWISE)
def test_a_deliberate_difference_is_still_one(name, field):
    sample = next(sample for sample in OPENED if sample.name == name)
    opinion = {**full_open(sample.data), "frame_count": frames(sample.data)}
    assert differences({field: opinion[field]}, CountedFile(sample.data).header(name)) != []


def _differs(sample, field):
    return (sample.name, field) in PILLOW_SAYS_OTHERWISE
