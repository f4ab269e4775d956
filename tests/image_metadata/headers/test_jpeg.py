"""JPEG: the frame is found behind whatever cameras and editors put before it, in two small requests."""

import struct

import pytest

from image_metadata.errors import HeaderRejectedError
from image_metadata.model import RejectionReason
from tests.corpus import exif, jpeg
from tests.corpus.reading import CountedFile
from tests.corpus.sample import HEIGHT, WIDTH

KIBIBYTE = 1024


def frame(marker=0xC0, *, depth=8, height=300, width=200, layers=3):
    return jpeg.segment(marker, struct.pack(">BHHB", depth, height, width, layers) + bytes(3 * layers))


def file(*segments):
    return b"\xff\xd8" + b"".join(segments) + jpeg.segment(0xDA, bytes(10)) + bytes(100)


def profile(size, *, cut=65_519, marker=0xE2):
    data = struct.pack(">I", size) + bytes(size - 4)
    parts = [data[at : at + cut] for at in range(0, size, cut)]
    heads = [b"ICC_PROFILE\0" + bytes([number, len(parts)]) for number in range(1, len(parts) + 1)]
    return [jpeg.segment(marker, head + part) for head, part in zip(heads, parts, strict=True)]


def extended_xmp(size, cut=65_400):
    head = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32
    return [
        jpeg.segment(0xE1, head + struct.pack(">II", size, at) + bytes(min(cut, size - at)))
        for at in range(0, size, cut)
    ]


def jumbf(size, cut=65_000):
    """Boxes of content credentials: every part repeats the header of the box that it belongs to."""
    head = struct.pack(">I4s", size, b"jumb")
    parts = range(0, size - 8, cut)
    return [
        jpeg.segment(0xEB, b"JP\0\1" + struct.pack(">I", number) + head + bytes(min(cut, size - 8 - at)))
        for number, at in enumerate(parts, 1)
    ]


@pytest.mark.parametrize("marker", [*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)])
def test_every_coding_process_has_a_frame(marker):
    header = CountedFile(file(frame(marker))).header("a.jpg")
    assert (header.width, header.height, header.color_mode) == (200, 300, "RGB")


@pytest.mark.parametrize(
    ("options", "mode", "depth"),
    [
        ({"layers": 1}, "L", 8),
        ({"layers": 4}, "CMYK", 8),
        ({"depth": 12}, None, 12),
        ({"layers": 2}, None, 8),
    ],
)
def test_pixels_that_pillow_does_not_open_have_a_size_and_no_mode(options, mode, depth):
    header = CountedFile(file(frame(**options))).header("a.jpg")
    assert (header.width, header.color_mode, header.bit_depth) == (200, mode, depth)


TOLERATED = {
    "fill bytes": b"\xff\xff\xff",
    "junk": b"camera was here\0",
    "stuffed junk": b"\xff\0\xff\0",
    "restart marker": b"\xff\xd0",
    "second start": b"\xff\xd8",
    "comment of length 0": b"\xff\xfe\0\0",
    "unknown segment": jpeg.segment(0xF5, b"?"),
}


@pytest.mark.parametrize("odd", TOLERATED.values(), ids=TOLERATED)
def test_what_decoders_step_over_is_stepped_over(odd):
    assert CountedFile(file(jpeg.segment(0xE0, b"JFIF\0"), odd, frame())).header("a.jpg").width == 200


HEAVY = {
    "profile of 500 KB": profile(500_000),
    "profile in small parts": profile(250_000, cut=1000),
    "extended XMP of 2 MB": extended_xmp(2_000_000),
    "content credentials of 300 KB": jumbf(300_000),
    "EXIF thumbnail": [jpeg.segment(0xE1, b"Exif\0\0" + exif.with_thumbnail().ljust(60_000, b"\0"))],
    "maker note": [jpeg.segment(0xE1, b"Exif\0\0" + exif.with_maker_note(64_000))],
}


@pytest.mark.parametrize("segments", HEAVY.values(), ids=HEAVY)
def test_a_heavy_segment_costs_one_more_request(segments):
    measured = CountedFile(jpeg.insert(jpeg.jpeg(), *segments) + bytes(100 * KIBIBYTE))
    header = measured.header("a.jpg")
    assert (header.width, header.height) == (WIDTH, HEIGHT)
    assert measured.requests <= 2
    assert measured.fetched <= 68 * KIBIBYTE


def test_all_that_a_phone_and_an_editor_add_stays_cheap():
    camera = jpeg.segment(0xE1, b"Exif\0\0" + exif.with_thumbnail().ljust(40_000, b"\0"))
    measured = CountedFile(jpeg.insert(jpeg.jpeg(), camera, *profile(500_000), *extended_xmp(900_000)))
    header = measured.header("a.jpg")
    assert (header.width, header.camera_model) == (WIDTH, "KX-100")
    assert measured.requests <= 5
    assert measured.fetched <= 64 * KIBIBYTE


@pytest.mark.parametrize("claimed", [2**32 - 1, 0, 131_000])
def test_a_profile_that_lies_about_its_size_hides_nothing(claimed):
    first, *rest = profile(200_000)
    lying = first[:18] + struct.pack(">I", claimed) + first[22:]
    assert CountedFile(file(lying, *rest, frame())).header("a.jpg").height == 300


def test_a_frame_between_two_parts_of_a_profile_is_the_frame():
    first, *rest = profile(200_000)
    assert CountedFile(file(first, frame(width=77), *rest)).header("a.jpg").width == 77


def test_an_image_whose_height_comes_after_the_pixels_is_invalid():
    with pytest.raises(HeaderRejectedError) as caught:
        CountedFile(file(frame(height=0))).header("a.jpg")
    assert caught.value.reason == RejectionReason.INVALID_DIMENSIONS


@pytest.mark.parametrize("data", [file(), b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\xff\xff", b"\xff\xd8\xff" + b"a" * 10**5])
def test_a_jpeg_without_a_frame_is_corrupt(data):
    with pytest.raises(HeaderRejectedError) as caught:
        CountedFile(data).header("a.jpg")
    assert caught.value.reason == RejectionReason.CORRUPT


def test_the_first_exif_counts():
    blocks = [jpeg.segment(0xE1, b"Exif\0\0" + exif.turned(turn)) for turn in (6, 3)]
    assert CountedFile(file(*blocks, frame())).header("a.jpg").orientation == 6
