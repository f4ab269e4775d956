"""XMP, IPTC and Photoshop's resources in the main directory of a TIFF."""

import pytest

from tests.corpus import editors, exif
from tests.corpus.reading import CountedFile
from tests.corpus.tiff import page
from tests.corpus.tiff_writer import byte, long, offsets, tiff, undefined

XMP, IPTC, PHOTOSHOP = 700, 33723, 34377
PIXELS = bytes(500_000)
PACKET = editors.xmp(editors.XMP_PROPERTIES)


def read(tags, **options):
    return CountedFile(tiff({**page(), **tags}, **options)).header("a.tif")


@pytest.mark.parametrize("entry", [byte(*PACKET), undefined(PACKET)], ids=["BYTE", "UNDEFINED"])
@pytest.mark.parametrize("options", [{}, {"order": ">"}, {"big": True}], ids=str)
def test_xmp_adds_what_exif_lacks(entry, options):
    header = read({XMP: entry}, **options)
    assert {name: getattr(header, name) for name in editors.XMP_TRUTH} == editors.XMP_TRUTH


def iptc_as_long(order):
    block = editors.iptc()
    block += bytes(-len(block) % 4)
    name = "little" if order == "<" else "big"
    return long(*[int.from_bytes(block[at : at + 4], name) for at in range(0, len(block), 4)])


@pytest.mark.parametrize("order", ["<", ">"])
def test_iptc_is_read_from_either_tag_and_as_every_type(order):
    taken_at = editors.IPTC_TRUTH["taken_at"]
    assert read({IPTC: undefined(editors.iptc())}, order=order).taken_at == taken_at
    assert read({IPTC: iptc_as_long(order)}, order=order).taken_at == taken_at
    assert read({PHOTOSHOP: byte(*editors.resources(editors.iptc()))}, order=order).taken_at == taken_at


@pytest.mark.parametrize("tag", [XMP, IPTC, PHOTOSHOP])
@pytest.mark.parametrize("block", [b"", b"garbage", b"<", b"\x1c\2", b"8BIM"])
def test_a_damaged_block_does_not_reject_the_image(tag, block):
    assert read({tag: undefined(block)}).taken_at is None


def test_a_distant_block_is_read_only_if_exif_has_no_camera_date():
    far = {273: offsets(PIXELS), XMP: undefined(PACKET + b" " * 20_000), 1000: offsets(PIXELS)}
    without, with_date = (CountedFile(tiff({**page(), **far, **tags})) for tags in ({}, exif.CAMERA))
    assert without.header("a.tif").taken_at == editors.XMP_TRUTH["taken_at"]
    assert with_date.header("a.tif").taken_at == exif.CAMERA_TRUTH["taken_at"]
    assert without.requests == 3
    assert without.fetched <= 80 * 1024
