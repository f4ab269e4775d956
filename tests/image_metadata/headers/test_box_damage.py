"""Damaged boxes give a header or a rejection, within the budget."""

import struct
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers.isobmff import heif as isobmff
from image_metadata.headers.isobmff import jpeg2000
from image_metadata.headers.reader import Budget, HeaderReader
from image_metadata.model import ImageHeader, RejectionReason
from tests.corpus import exif
from tests.corpus.avif import avif
from tests.corpus.heif import tiled
from tests.corpus.isobmff import Item, box, container, exif_item, full_box, rotation, size
from tests.corpus.reading import CountedFile
from tests.corpus.sample import encode, picture


def outcome(data: bytes) -> ImageHeader | RejectionReason:
    read = jpeg2000.read if data[4:8] == b"jP  " or data[:2] == b"\xff\x4f" else isobmff.read
    try:
        return read(HeaderReader(CountedFile(data).fetch, len(data)))
    except HeaderRejectedError as rejection:
        return rejection.reason


SEEDS = {
    "phone": lambda: container([*tiled(150, 100, rotation(3)), exif_item(exif.camera(), of=1)]),
    "data-first": lambda: container([*tiled(150, 100)], data_first=True),
    "animation": lambda: avif("RGBA", save_all=True, append_images=[picture("RGBA").rotate(90)]),
    "jp2": lambda: encode(picture("RGBA"), "JPEG2000"),
    "codestream": lambda: encode(picture(), "JPEG2000", no_jp2=True),
}
KINDS = [b"meta", b"iinf", b"infe", b"iprp", b"ipco", b"ipma", b"ispe", b"iref", b"iloc", b"dimg", b"moov", b"trak"]
KINDS += [b"mdia", b"stsd", b"jp2h", b"ihdr", b"colr", b"cdef"]


@cache
def seed(name: str) -> bytes:
    return SEEDS[name]()


@pytest.mark.parametrize("name", SEEDS)
@settings(deadline=None)
@given(data=st.data())
def test_changed_bytes_give_a_header_or_a_rejection(name, data):
    damaged = bytearray(seed(name))
    near = min(len(damaged), 3000) - 1
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(12, near))
        damaged[place] = data.draw(st.sampled_from([0, 1, 2, 0x7F, 0x80, 0xFF]) | st.integers(0, 255))
    assert isinstance(outcome(bytes(damaged)), ImageHeader | RejectionReason)


@pytest.mark.parametrize("name", [name for name in SEEDS if name != "codestream"])
@settings(deadline=None)
@given(data=st.data())
def test_a_changed_box_length_gives_a_header_or_a_rejection(name, data):
    damaged = bytearray(seed(name))
    kinds = [kind for kind in KINDS if kind in damaged]
    at = damaged.index(data.draw(st.sampled_from(kinds))) - 4
    struct.pack_into(
        ">I", damaged, at, data.draw(st.sampled_from([0, 1, 7, 8, 9, 2**31, 2**32 - 1]) | st.integers(0, 600))
    )
    assert isinstance(outcome(bytes(damaged)), ImageHeader | RejectionReason)


@pytest.mark.parametrize("name", SEEDS)
@settings(deadline=None)
@given(data=st.data())
def test_a_file_that_is_cut_anywhere_gives_a_header_or_a_rejection(name, data):
    whole = seed(name)
    assert isinstance(outcome(whole[: data.draw(st.integers(12, len(whole)))]), ImageHeader | RejectionReason)


PICTURE = Item(b"hvc1", b"pixels", (size(61, 37),))


def with_meta(*parts: bytes) -> bytes:
    """A file whose first item is of type ``grid`` and primary."""
    infos = [full_box(b"infe", 2, 0, struct.pack(">HH4sB", number, 0, b"grid", 0)) for number in (1, 2)]
    head = full_box(b"pitm", 0, 0, struct.pack(">H", 1)) + full_box(b"iinf", 0, 0, struct.pack(">H", 2), *infos)
    return box(b"ftyp", b"heic", bytes(4), b"mif1") + full_box(b"meta", 0, 0, head, *parts)


PROPERTIES = box(b"iprp", box(b"ipco", size(61, 37)), full_box(b"ipma", 0, 0, struct.pack(">IHBB", 1, 1, 1, 1)))


def test_images_that_are_derived_from_each_other_do_not_loop():
    circle = full_box(
        b"iref", 0, 0, box(b"dimg", struct.pack(">HHH", 1, 1, 2)), box(b"dimg", struct.pack(">HHH", 2, 1, 1))
    )
    found = outcome(with_meta(PROPERTIES, circle))
    assert isinstance(found, ImageHeader)
    assert (found.width, found.format) == (61, "HEIF")


@pytest.mark.parametrize("count", [2**32 - 1, 2**31, 70_000])
def test_a_false_count_of_associations_is_corrupt(count):
    links = full_box(b"ipma", 0, 0, struct.pack(">IHBB", count, 9, 1, 1))
    assert outcome(with_meta(box(b"iprp", box(b"ipco", size(61, 37)), links))) is RejectionReason.CORRUPT


def test_an_association_with_a_missing_property_is_ignored():
    links = full_box(b"ipma", 0, 0, struct.pack(">IHBBB", 1, 1, 2, 0x7F, 1))
    found = outcome(with_meta(box(b"iprp", box(b"ipco", size(61, 37)), links)))
    assert isinstance(found, ImageHeader)
    assert found.width == 61


def test_too_many_boxes_are_header_too_large():
    data = box(b"ftyp", b"heic", bytes(4), b"mif1") + box(b"free") * 150_000
    assert outcome(data) is RejectionReason.HEADER_TOO_LARGE


def test_a_box_that_is_longer_than_its_parent_is_corrupt():
    data = with_meta(PROPERTIES) + bytes(100)
    at = data.index(b"ispe") - 4
    assert outcome(data[:at] + struct.pack(">I", 90) + data[at + 4 :]) is RejectionReason.CORRUPT


def test_a_meta_box_of_a_gibibyte_stays_within_the_budget():
    head = box(b"ftyp", b"heic", bytes(4), b"mif1") + struct.pack(">I4s4x", 1 << 30, b"meta")
    entry = full_box(b"infe", 2, 0, bytes(100))
    fetched = []

    def fetch(offset: int, length: int) -> bytes:
        fetched.append(length)
        return (head + entry * (length // len(entry)))[:length] if offset == 0 else bytes(length)

    with pytest.raises(HeaderRejectedError):
        isobmff.read(HeaderReader(fetch, 1 << 30))
    assert sum(fetched) <= Budget().bytes
