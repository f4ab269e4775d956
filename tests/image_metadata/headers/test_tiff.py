"""TIFF: the directory is found wherever it is, in two small requests."""

import struct

import pytest

from image_metadata.errors import HeaderRejectedError
from image_metadata.model import RejectionReason
from tests.corpus import exif
from tests.corpus.reading import CountedFile
from tests.corpus.sample import HEIGHT, WIDTH
from tests.corpus.tiff import page
from tests.corpus.tiff_writer import ascii_, byte, long, long8, offsets, short, tiff

PIXELS = bytes(5_000_000)


def read(data):
    return CountedFile(data).header("a.tif")


def with_tags(**options):
    return tiff({**page(), 271: ascii_("Kodalux"), 306: ascii_("2024:05:06 07:08:09")}, **options)


@pytest.mark.parametrize("directory_first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize("big", [True, False], ids=["BigTIFF", "TIFF"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_directory_costs_two_requests_at_most(order, big, directory_first):
    tags = {**page(), 271: ascii_("Kodalux"), 273: offsets(PIXELS)}
    measured = CountedFile(tiff(tags, order=order, big=big, directory_first=directory_first))
    header = measured.header("a.tif")
    assert (header.width, header.height, header.camera_make) == (WIDTH, HEIGHT, "Kodalux")
    assert measured.requests <= 2
    assert measured.fetched <= 64 * 1024


def test_the_magic_number_in_the_wrong_byte_order_is_accepted():
    assert read(b"II\0*" + with_tags()[4:]).width == WIDTH


def test_pages_are_counted_where_that_needs_no_request():
    assert read(tiff(page(), page(), page())).frame_count == 3
    assert read(tiff(page())).frame_count == 1
    assert read(tiff(page(), {**page(), 273: offsets(PIXELS)})).frame_count is None


def test_a_chain_of_pages_that_loops_ends():
    looped = bytearray(tiff(page(), directory_first=True))
    (count,) = struct.unpack_from("<H", looped, 8)
    struct.pack_into("<I", looped, 10 + 12 * count, 8)
    assert read(bytes(looped)).frame_count == 1


@pytest.mark.parametrize("entry", [short, byte, long], ids=["short", "byte", "long"])
@pytest.mark.parametrize("depths", [(8, 8, 8), (16, 16, 16, 16)], ids=["opened by Pillow", "not opened"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_width_and_height_are_the_stored_ones_whatever_the_orientation(orientation, depths, entry):
    photometric = 2 if len(depths) == 3 else 5
    header = read(tiff({**page(depths, photometric), 274: entry(orientation)}))
    shown = (HEIGHT, WIDTH) if orientation >= 5 else (WIDTH, HEIGHT)
    assert (header.width, header.height, header.orientation) == (WIDTH, HEIGHT, orientation)
    assert (header.display_width, header.display_height) == shown


@pytest.mark.parametrize(
    ("tag", "value", "pages"),
    [(254, 0, 2), (254, 1, 1), (254, 2, 2), (254, 4, 1), (254, 5, 1), (255, 1, 2), (255, 2, 1), (255, 3, 2)],
)
def test_thumbnails_and_masks_are_not_pages(tag, value, pages):
    assert read(tiff(page(), {**page(), tag: long(value)})).frame_count == pages


@pytest.mark.parametrize("side", [short(300), long(300), long8(300), byte(44)], ids=["short", "long", "long8", "byte"])
def test_width_may_have_any_integer_type(side):
    assert read(tiff({**page(), 256: side}, big=True)).width == side.numbers[0]


def test_the_first_of_two_equal_tags_counts():
    data = tiff({**page(), 257: short(9)}, directory_first=True)
    assert read(data.replace(struct.pack("<HHI", 258, 3, 3), struct.pack("<HHI", 256, 3, 1))).width == WIDTH


DAMAGED = {
    "no directory": b"II*\0" + struct.pack("<I", 2**31) + bytes(50),
    "cut": b"MM\0*",
    "no size": tiff({271: ascii_("Kodalux")}),
    "a text as a size": tiff({**page(), 256: ascii_("wide")}),
    "an EXIF block": exif.camera(),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_tiff_without_a_size_is_corrupt(data):
    with pytest.raises(HeaderRejectedError) as caught:
        read(data)
    assert caught.value.reason == RejectionReason.CORRUPT


def test_a_count_of_four_billion_values_costs_no_request():
    entries = struct.pack("<HHIIHHIIHHII", 256, 4, 1, 7, 257, 4, 1, 5, 273, 4, 2**32 - 1, 8)
    measured = CountedFile(b"II*\0" + struct.pack("<IH", 8, 3) + entries + bytes(4))
    assert measured.header("a.tif").height == 5
    assert measured.requests == 1


def test_only_the_first_entries_of_a_directory_of_65535_are_read():
    data = b"II*\0" + struct.pack("<IH", 8, 65_535) + struct.pack("<HHIIHHII", 256, 4, 1, 7, 257, 4, 1, 5) * 32_768
    measured = CountedFile(data)
    assert measured.header("a.tif").width == 7
    assert measured.fetched <= 32 * 1024
