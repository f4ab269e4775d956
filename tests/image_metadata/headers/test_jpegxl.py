"""JPEG XL: codestream and container, in few requests."""

import struct

import pytest

from image_metadata.errors import HeaderRejectedError
from image_metadata.model import RejectionReason
from tests.corpus import exif, jpegxl
from tests.corpus.isobmff import box
from tests.corpus.jpegxl import Header, container, exif_box, parts, whole
from tests.corpus.reading import CountedFile
from tests.corpus.sample import HEIGHT, WIDTH

FRAMES = bytes(900_000)


def read(data):
    return CountedFile(data).header("a.jxl")


@pytest.mark.parametrize("side", [1, 8, 9, 256, 257, 511, 512, 513, 8192, 8193, 262_144, 262_145, 2**30])
def test_a_side_has_as_many_bits_as_it_needs(side):
    header = read(Header(width=side, height=side).to_bytes())
    assert (header.width, header.height) == (side, side)


@pytest.mark.parametrize(("number", "across", "down"), jpegxl.RATIOS)
@pytest.mark.parametrize("height", [8, 61, 120, 1081])
def test_a_width_may_be_a_ratio_of_the_height_rounded_down(number, across, down, height):
    width = height * across // down
    header = read(Header(width=width, height=height, ratio=number).to_bytes())
    assert (header.width, header.height) == (width, height)


def test_the_sizes_of_a_display_and_of_a_preview_are_not_the_pictures():
    header = read(Header(intrinsic_size=(640, 480), preview=(100, 1400), orientation=6).to_bytes())
    assert (header.width, header.height, header.display_width, header.orientation) == (WIDTH, HEIGHT, HEIGHT, 6)


@pytest.mark.parametrize(("bits", "exponent"), [(8, 0), (10, 0), (12, 0), (1, 0), (31, 0), (32, 8), (16, 5), (24, 7)])
def test_the_bit_depth_is_that_of_the_color_channels(bits, exponent):
    assert read(Header(bits=bits, exponent_bits=exponent, orientation=2).to_bytes()).bit_depth == bits


@pytest.mark.parametrize(
    ("channels", "has_alpha"),
    [
        ([jpegxl.ALPHA], True),
        ([jpegxl.DEPTH], False),
        ([jpegxl.SPOT_COLOR, jpegxl.COLOR_FILTER, jpegxl.OPTIONAL, jpegxl.ALPHA], True),
        ([jpegxl.BLACK] * 20, False),
    ],
)
def test_only_an_extra_channel_that_is_alpha_makes_a_picture_transparent(channels, has_alpha):
    assert read(Header(extra_channels=channels).to_bytes()).has_alpha is has_alpha


@pytest.mark.parametrize("first", [1, 2, 5, 90])
def test_a_codestream_in_parts_is_put_together(first):
    header = read(container(box(b"jxll", b"\x0a"), *parts(Header(extra_channels=[jpegxl.ALPHA]), first)))
    assert (header.width, header.has_alpha) == (WIDTH, True)


@pytest.mark.parametrize("data", [Header().to_bytes(), container(whole())], ids=["codestream", "container"])
def test_a_header_costs_one_request_however_large_the_picture(data):
    end = box(b"jxlp", bytes(4), FRAMES) if data.startswith(b"\0") else FRAMES
    file = CountedFile(data + end)
    assert file.header("a.jxl").width == WIDTH
    assert file.requests == 1


def test_exif_behind_the_pixels_costs_two_further_requests_at_most():
    pixels = box(b"jxlp", struct.pack(">I", 1), FRAMES), box(b"jxlp", struct.pack(">I", 1 << 31 | 2), FRAMES)
    file = CountedFile(container(parts(Header(), 50)[0], *pixels, exif_box(exif.camera())))
    assert file.header("a.jxl").camera_model == "KX-100"
    assert (file.requests <= 3, file.fetched <= 64 * 1024) == (True, True)


def test_exif_behind_many_parts_is_not_looked_for():
    pixels = [box(b"jxlp", struct.pack(">I", number), bytes(100_000)) for number in range(1, 30)]
    file = CountedFile(container(parts(Header(), 50)[0], *pixels, exif_box(exif.camera())))
    assert file.header("a.jxl").camera_model is None
    assert file.requests <= 3


def test_exif_may_lack_its_offset_or_begin_behind_a_gap():
    assert read(container(box(b"Exif", exif.camera()), whole())).camera_model == "KX-100"
    assert read(container(box(b"Exif", b"\0\0\0\6", b"Exif\0\0", exif.camera()), whole())).camera_model == "KX-100"
    assert read(container(box(b"Exif", b"\xff\xff\xff\xff", exif.camera()), whole())).camera_model is None
    assert read(container(box(b"Exif", b"\0"), whole())).width == WIDTH


DAMAGED = {
    "no codestream": container(exif_box(exif.camera())),
    "signature alone": b"\xff\x0a",
    "cut in the size": Header(width=300_000).to_bytes()[:4],
    "cut in the fields": Header(extra_channels=[0] * 200).to_bytes()[:100],
    "another codestream": container(box(b"jxlc", b"\xff\x4f\xff\x51" + bytes(100))),
    "empty part": container(box(b"jxlp", b"")),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_header_that_is_damaged_is_corrupt(data):
    with pytest.raises(HeaderRejectedError) as caught:
        read(data)
    assert caught.value.reason == RejectionReason.CORRUPT


def test_boxes_without_end_are_within_the_budget():
    file = CountedFile(container(*[box(b"free")] * 200_000))
    with pytest.raises(HeaderRejectedError):
        file.header("a.jxl")
    assert file.reads < 75_000
