"""EXIF in HEIF: located through the item, and read in one further request at most."""

import struct

import pytest

from image_metadata.headers.isobmff.heif import read
from image_metadata.headers.reader import FIRST_READ, HeaderReader
from image_metadata.model import ImageHeader
from tests.corpus import exif
from tests.corpus.isobmff import Item, container, exif_item, full_box, rotation, size
from tests.corpus.reading import CountedFile

PICTURE = Item(b"hvc1", b"pixels", (size(61, 37),))
BLOCK = exif_item(exif.camera(), of=1)


def header(data: bytes) -> ImageHeader:
    return read(HeaderReader(CountedFile(data).fetch, len(data)))


def relocated(data: bytes, iloc: bytes) -> bytes:
    """The file with a box in place of ``iloc`` that is not longer."""
    start = data.index(b"iloc") - 4
    (length,) = struct.unpack_from(">I", data, start)
    rest = length - len(iloc)
    return data[:start] + iloc + struct.pack(">I4s", rest, b"free") + bytes(rest - 8) + data[start + length :]


def located(data: bytes) -> tuple[int, int]:
    """Where the block stands: its offset and length."""
    start = data.index(b"\0\0\0\6Exif\0\0")
    return start, len(BLOCK.data)


@pytest.mark.parametrize("inside", [False, True], ids=["in-the-file", "in-idat"])
def test_exif_gives_the_camera(inside):
    block = Item(BLOCK.kind, BLOCK.data, reference=BLOCK.reference, inside=inside)
    found = header(container([PICTURE, block]))
    assert (found.camera_make, found.taken_at) == ("Kodalux", "2023-12-31T23:59:58.125")


@pytest.mark.parametrize("order", ["<", ">"])
def test_an_exif_block_without_its_offset_is_read(order):
    block = Item(b"Exif", exif.camera(order), reference=(b"cdsc", [1]))
    assert header(container([PICTURE, block])).camera_make == "Kodalux"


def test_an_exif_block_in_two_extents_is_joined():
    data = container([PICTURE, BLOCK])
    start, length = located(data)
    extents = struct.pack(">HHHHHHHHH", 1, 2, 0, 2, start, 50, start + 50, length - 50, 0)
    found = header(relocated(data, full_box(b"iloc", 0, 0, b"\x22\0", extents)))
    assert found.camera_make == "Kodalux"


def test_the_widest_fields_of_a_location_are_read():
    data = container([PICTURE, PICTURE, PICTURE, exif_item(exif.camera(), of=1)])
    start, length = located(data)
    entry = struct.pack(">IHHQHQQ", 4, 0, 0, start - 5, 1, 5, length)
    found = header(relocated(data, full_box(b"iloc", 2, 0, b"\x88\x80", struct.pack(">I", 1), entry)))
    assert found.camera_make == "Kodalux"


def test_exif_behind_the_pixels_costs_one_further_request():
    far = Item(b"hvc1", bytes(500_000), (size(61, 37),))
    file = CountedFile(container([far, BLOCK]))
    first = file.fetch(0, FIRST_READ)
    assert read(HeaderReader(file.fetch, len(file.data), first=first)).camera_make == "Kodalux"
    assert file.requests == 2


def test_exif_at_the_end_of_the_pixels_is_fetched_with_the_directory_behind_them():
    picture = Item(b"hvc1", bytes(500_000), (size(61, 37),))
    file = CountedFile(container([picture, BLOCK], data_first=True))
    first = file.fetch(0, FIRST_READ)
    assert read(HeaderReader(file.fetch, len(file.data), first=first)).camera_make == "Kodalux"
    assert file.requests == 2


def test_only_the_beginning_of_exif_with_a_large_preview_is_read():
    far = Item(b"hvc1", bytes(500_000), (size(61, 37),))
    file = CountedFile(container([far, exif_item(exif.camera() + bytes(200_000), of=1)]))
    first = file.fetch(0, FIRST_READ)
    assert read(HeaderReader(file.fetch, len(file.data), first=first)).camera_make == "Kodalux"
    assert (file.requests, file.fetched) == (2, FIRST_READ + 64 * 1024)


def test_exif_of_another_item_is_ignored():
    assert header(container([PICTURE, PICTURE, exif_item(exif.camera(), of=2)])).camera_make is None


def test_a_transformation_overrides_the_orientation_of_exif():
    turned = Item(b"hvc1", b"pixels", (size(61, 37), rotation(3)))
    assert header(container([turned, exif_item(exif.turned(3), of=1)])).orientation == 6


def test_without_a_transformation_the_orientation_is_1_whatever_exif_says():
    found = header(container([PICTURE, exif_item(exif.turned(6), of=1)]))
    assert (found.orientation, found.display_width, found.display_height) == (1, 61, 37)


def test_exif_that_is_cut_off_is_read_as_far_as_it_goes():
    assert header(container([PICTURE, BLOCK])[:-4]).camera_make == "Kodalux"


@pytest.mark.parametrize("content", [b"", b"\0", b"\xff\xff\xff\xffExif", b"\0\0\0\6Exif\0\0MM\0*\xff\xff\xff\xff"])
def test_damaged_exif_does_not_reject_the_image(content):
    found = header(container([PICTURE, Item(b"Exif", content, reference=(b"cdsc", [1]))]))
    assert (found.width, found.camera_make) == (61, None)


def test_a_damaged_location_does_not_reject_the_image():
    data = container([PICTURE, BLOCK])
    assert header(relocated(data, full_box(b"iloc", 1, 0, b"\x88\x88\xff\xff"))).width == 61
