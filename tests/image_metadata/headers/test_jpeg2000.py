"""JPEG 2000: the file of boxes and the bare codestream."""

import struct
from io import BytesIO

import pytest
from PIL import Image

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers.isobmff.jpeg2000 import read
from image_metadata.headers.reader import HeaderReader
from image_metadata.model import ImageHeader, RejectionReason
from tests.corpus import exif
from tests.corpus.isobmff import box, large_box
from tests.corpus.reading import CountedFile
from tests.corpus.sample import encode, picture

SIGNATURE = box(b"jP  ", b"\r\n\x87\n")
TYPE = box(b"ftyp", b"jp2 ", bytes(4), b"jp2 ")
SRGB, GRAY, CMYK = (box(b"colr", b"\1\0\0", struct.pack(">I", space)) for space in (16, 17, 12))
PALETTE = box(b"pclr", struct.pack(">HB3B", 2, 3, 7, 7, 7), bytes(6))


def header(data: bytes) -> ImageHeader:
    return read(HeaderReader(CountedFile(data).fetch, len(data)))


def ihdr(components: int, depth: int = 7, width: int = 61, height: int = 37) -> bytes:
    return box(b"ihdr", struct.pack(">IIHB", height, width, components, depth), b"\7\0\0")


def jp2(*boxes: bytes, before: bytes = b"") -> bytes:
    """A file whose pixels are missing."""
    return SIGNATURE + TYPE + before + box(b"jp2h", *boxes) + box(b"jp2c")


def told_by_pillow(data: bytes) -> tuple[str, int, int, str]:
    with Image.open(BytesIO(data)) as image:
        return image.format, image.width, image.height, image.mode


def told(data: bytes) -> tuple[str, int, int, str | None]:
    found = header(data)
    return found.format, found.width, found.height, found.color_mode


@pytest.mark.parametrize("bare", [False, True], ids=["jp2", "codestream"])
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "CMYK", "I;16"])
def test_size_and_mode_agree_with_pillow(mode, bare):
    data = encode(picture(mode), "JPEG2000", no_jp2=bare)
    assert told(data) == told_by_pillow(data)


@pytest.mark.parametrize("bare", [False, True], ids=["jp2", "codestream"])
def test_an_image_area_with_an_offset_has_the_size_of_the_area(bare):
    data = encode(picture(), "JPEG2000", no_jp2=bare, offset=(7, 5), tile_offset=(3, 3), tile_size=(16, 16))
    assert told(data) == told_by_pillow(data) == ("JPEG2000", 61, 37, "RGB")


@pytest.mark.parametrize("color", [SRGB, GRAY, CMYK], ids=["srgb", "gray", "cmyk"])
@pytest.mark.parametrize("components", [1, 2, 3, 4])
@pytest.mark.parametrize("palette", [b"", PALETTE], ids=["direct", "palette"])
@pytest.mark.parametrize("depth", [7, 8, 9, 15])
def test_the_meaning_of_components_agrees_with_pillow(color, components, palette, depth):
    data = jp2(ihdr(components, depth), color, palette)
    assert told(data) == told_by_pillow(data)


def test_more_components_than_pillow_has_modes_for_give_no_mode():
    assert told(jp2(ihdr(7), SRGB)) == ("JPEG2000", 61, 37, None)


@pytest.mark.parametrize(
    ("kind", "expected"), [(0, False), (1, True), (2, True)], ids=["color", "opacity", "premultiplied"]
)
def test_a_channel_defined_as_opacity_is_alpha(kind, expected):
    channels = struct.pack(">H6H", 2, 0, 0, 1, 1, kind, 0)
    assert header(jp2(ihdr(2), GRAY, box(b"cdef", channels))).has_alpha is expected


def test_components_of_different_depths_are_read_from_their_own_box():
    assert header(jp2(ihdr(3, 255), box(b"bpcc", b"\x0b\7\7"), SRGB)).bit_depth == 12


@pytest.mark.parametrize("brand", [b"jp2 ", b"jpx ", b"jph "])
@pytest.mark.parametrize("make", [box, large_box])
def test_boxes_before_the_header_are_skipped(brand, make):
    file = CountedFile(jp2(ihdr(3), SRGB, before=make(b"xml ", bytes(3_000_000))).replace(b"jp2 ", brand))
    found = read(HeaderReader(file.fetch, len(file.data)))
    assert (found.width, found.height) == (61, 37)
    assert file.fetched < 64 * 1024


def test_a_file_without_header_boxes_is_read_from_its_codestream():
    data = SIGNATURE + TYPE + box(b"jp2c", encode(picture(), "JPEG2000", no_jp2=True))
    assert told(data) == ("JPEG2000", 61, 37, "RGB")


@pytest.mark.parametrize("kind", [b"JpgTiffExif->JP2", b"\x057\xcd\xab\x9d\x0cD1\xa7*\xfaV\x1f*\x11>"])
@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)], ids=["first", "last"])
def test_exif_between_the_header_and_the_pixels_is_read(order, kind):
    blocks = [box(b"uuid", kind, exif.camera()), box(b"uuid", bytes(range(16)), b"<x:xmpmeta/>")]
    data = jp2(ihdr(3), SRGB)
    at = data.index(b"jp2c") - 4
    assert header(data[:at] + b"".join(blocks[order]) + data[at:]).camera_make == "Kodalux"


@pytest.mark.parametrize(("brand", "look"), [(b"mjp2", "a Motion JPEG 2000 video"), (b"jpm ", "a JPM compound")])
def test_the_rejection_names_other_files_of_the_family(brand, look):
    with pytest.raises(HeaderRejectedError, match=look) as rejected:
        header(SIGNATURE + box(b"ftyp", brand, bytes(4), brand))
    assert rejected.value.reason == RejectionReason.UNSUPPORTED_FORMAT


@pytest.mark.parametrize(
    "data",
    [
        SIGNATURE,
        SIGNATURE + TYPE,
        jp2(),
        jp2(SRGB),
        jp2(ihdr(3)[:-8]),
        jp2(ihdr(3, 255), SRGB),
        SIGNATURE + TYPE + box(b"jp2c", b"\xff\x4f\xff\x52" + bytes(60)),
        b"\xff\x4f\xff\x51\0\x25" + bytes(60),
        b"\xff\x4f\xff\x51\0\x2f",
    ],
)
def test_an_incomplete_header_is_corrupt(data):
    with pytest.raises(HeaderRejectedError) as rejected:
        header(data)
    assert rejected.value.reason == RejectionReason.CORRUPT
