"""The header says what a full open says, for every file of the corpus."""

from io import BytesIO

import pytest
from PIL import Image, UnidentifiedImageError

from tests.corpus.catalogue import CORPUS
from tests.corpus.opinions import PILLOW_CANNOT_OPEN, differences, frames, full_open
from tests.corpus.reading import CountedFile

OPENED = [sample for sample in CORPUS if sample.name not in PILLOW_CANNOT_OPEN]
REFUSED = [sample for sample in CORPUS if sample.name in PILLOW_CANNOT_OPEN]


@pytest.mark.parametrize("sample", OPENED, ids=str)
def test_the_header_says_what_a_full_open_says(sample):
    assert differences(full_open(sample.data), CountedFile(sample.data).header(sample.name)) == []


@pytest.mark.parametrize("sample", [sample for sample in CORPUS if sample.truth], ids=str)
def test_the_header_says_what_the_file_was_made_of(sample):
    assert differences(sample.truth, CountedFile(sample.data).header(sample.name)) == []


@pytest.mark.parametrize("sample", REFUSED, ids=str)
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_pillow_still_cannot_open_what_is_listed_as_such(sample):
    with pytest.raises(UnidentifiedImageError):
        Image.open(BytesIO(sample.data))


def test_frames_are_counted_as_pillow_counts_them_or_not_at_all():
    found = [
        (sample.name, CountedFile(sample.data).header(sample.name).frame_count, frames(sample.data))
        for sample in OPENED
    ]
    assert [(name, said, counted) for name, said, counted in found if said not in {None, counted}] == []


def test_the_place_is_told_to_those_who_ask_for_it():
    sample = next(sample for sample in CORPUS if sample.name == "jpeg-located.jpg")
    header = CountedFile(sample.data).header(sample.name, with_location=True)
    assert (header.latitude, header.longitude) == pytest.approx((-33.859833, 151.211111), abs=1e-5)
