"""IPTC-IIM and the Photoshop resources that it is kept in."""

import pytest

from image_metadata.headers.embedded.iptc import MOST_DATASETS, read_iptc
from image_metadata.headers.embedded.photoshop import MOST_RESOURCES, read_resource_block
from image_metadata.headers.embedded.sources import Rank, Source
from image_metadata.headers.embedded.xmp import read_xmp
from tests.corpus import exif
from tests.corpus.editors import IPTC_TRUTH, dataset, iptc, resource, resources, xmp
from tests.image_metadata.headers.merging import merge


def taken_at(block):
    return merge(read_iptc(block)).taken_at


def test_date_and_time_created_are_when_the_photo_was_taken():
    header = merge(read_iptc(iptc()))
    assert {name: getattr(header, name) for name in IPTC_TRUTH} == IPTC_TRUTH


def test_the_digitization_counts_where_there_is_no_creation():
    assert taken_at(iptc("20010101", "010101+0000") + iptc("20020202", "020202+0000", number=62))[:4] == "2001"
    assert taken_at(iptc("20020202", "020202+0000", number=62))[:4] == "2002"


@pytest.mark.parametrize(
    ("date", "time"), [("20210506", ""), ("00000000", "000000"), ("20210500", "070809"), ("2021", "070809"), ("", "")]
)
def test_a_date_without_a_time_or_a_time_without_a_date_gives_no_timestamp(date, time):
    assert taken_at(iptc(date, time)) is None


@pytest.mark.parametrize("block", [b"", b"\x1c", b"\x1c\2\5\0\xff20", b"garbage", b"\x1c\2\5\x80\4\xff\xff\xff\xff"])
def test_a_damaged_block_gives_no_metadata(block):
    assert read_iptc(block) == Source(rank=Rank.IPTC)


def test_an_extended_dataset_is_stepped_over():
    extended = b"\x1c\2\5\x80\4" + (70_000).to_bytes(4, "big") + bytes(70_000)
    assert taken_at(extended + iptc()) == IPTC_TRUTH["taken_at"]


def test_datasets_are_read_up_to_a_limit():
    date_and_time = iptc()
    filler = dataset(2, 25, b"")
    read = date_and_time.count(b"\x1c\2")
    assert taken_at(filler * (MOST_DATASETS - read) + date_and_time) == IPTC_TRUTH["taken_at"]
    assert taken_at(filler * MOST_DATASETS + date_and_time) is None


def test_resources_hold_exif_xmp_and_iptc():
    block = resource(1058, exif.turned(6)) + resource(1060, xmp({"tiff:Make": "Kodalux"})) + resources(iptc())
    header = merge(*read_resource_block(block))
    assert (header.orientation, header.camera_make, header.taken_at) == (6, "Kodalux", IPTC_TRUTH["taken_at"])


@pytest.mark.parametrize("block", [b"", b"8BIM", b"8BIM\4\4\0\0\xff\xff\xff\xff", b"garbage", b"8BIM\4\4\xff"])
def test_damaged_resources_give_no_metadata(block):
    assert merge(*read_resource_block(block)) == merge()


def test_resources_are_read_up_to_a_limit():
    filler, last = resource(1005, b""), resource(1058, exif.turned(6))
    assert merge(*read_resource_block(filler * (MOST_RESOURCES - 1) + last)).orientation == 6
    assert merge(*read_resource_block(filler * MOST_RESOURCES + last)).orientation is None


PACKET = xmp({"photoshop:DateCreated": "2001-01-01T01:01:01"})


@pytest.mark.parametrize(
    ("digest_of", "winner"), [(None, "2001"), (iptc(), "2001"), (b"what it was before", "2021")], ids=str
)
def test_iptc_comes_before_xmp_only_where_its_digest_proves_a_later_change(digest_of, winner):
    sources = [read_xmp(PACKET), *read_resource_block(resources(iptc(), digest_of=digest_of))]
    assert merge(*sources).taken_at[:4] == winner
