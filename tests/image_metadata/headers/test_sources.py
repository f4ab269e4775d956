"""Which source wins: one order for all formats, and never a mixture of what belongs together."""

import pytest

from image_metadata.headers.embedded.sources import Camera, Rank, Source
from image_metadata.headers.embedded.timestamps import Timestamp
from image_metadata.model import EmbeddedMetadata
from tests.image_metadata.headers.merging import merge

EARLY, LATE = Timestamp("2001-01-01T01:01:01.000", "+01:00"), Timestamp("2002-02-02T02:02:02.000", None)
OTHERS = [rank for rank in Rank if rank is not Rank.EXIF]


def exif(**fields):
    return Source(rank=Rank.EXIF, **fields)


def xmp(**fields):
    return Source(rank=Rank.XMP, **fields)


def test_no_source_gives_no_metadata():
    assert merge() == merge(None, exif(), xmp()) == EmbeddedMetadata()


@pytest.mark.parametrize("lower", Rank)
@pytest.mark.parametrize("higher", Rank)
def test_the_order_of_ranks_decides_and_not_the_order_in_the_file(lower, higher):
    sources = [Source(rank=lower, orientation=3), Source(rank=higher, orientation=6)]
    expected = 3 if lower <= higher else 6
    assert merge(*sources).orientation == expected
    assert merge(*sources[::-1]).orientation == (expected if lower != higher else 6)


@pytest.mark.parametrize("rank", OTHERS)
def test_camera_dates_of_exif_come_first_and_its_modification_date_last(rank):
    other = Source(rank=rank, original=EARLY, has_camera_date=True)
    assert merge(other, exif(digitized=LATE, has_camera_date=True)).taken_at == LATE.local
    assert merge(other, exif(modified=LATE)).taken_at == EARLY.local
    assert merge(exif(modified=LATE)).taken_at == LATE.local


def test_an_original_date_comes_before_a_digitized_one_of_a_higher_source():
    assert merge(xmp(digitized=LATE), Source(rank=Rank.IPTC, original=EARLY)).taken_at == EARLY.local


def test_an_unreadable_camera_date_of_any_source_excludes_the_modification_date():
    assert merge(exif(modified=LATE), xmp(has_camera_date=True)).taken_at is None


def test_a_date_brings_its_own_offset_or_none():
    header = merge(exif(original=LATE, has_camera_date=True), xmp(original=EARLY, has_camera_date=True))
    assert (header.taken_at, header.taken_at_offset) == (LATE.local, None)


def test_a_day_without_a_time_is_completed_only_by_a_date_on_that_day():
    day = Timestamp("2001-01-01", None)
    assert merge(exif(original=day), xmp(original=EARLY)).taken_at == EARLY.local
    assert merge(exif(original=day), xmp(original=LATE)).taken_at is None


def test_make_and_model_come_from_one_source():
    other = xmp(camera=Camera("Other", "Model"))
    assert merge(exif(camera=Camera("Kodalux", None)), other).camera_make == "Other"
    half = merge(exif(camera=Camera(None, "KX-100")), other)
    assert (half.camera_make, half.camera_model) == (None, "KX-100")
    assert merge(exif(camera=Camera("Kodalux", None)), xmp()).camera_make == "Kodalux"


def test_latitude_and_longitude_come_from_one_source():
    header = merge(xmp(place=(0.0, 0.0)), Source(rank=Rank.TEXT, place=(1.0, 2.0)))
    assert (header.latitude, header.longitude) == (0.0, 0.0)
