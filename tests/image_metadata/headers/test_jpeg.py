"""JPEG: the frame after everything that cameras and editors put before it, in two small requests."""

import struct

import pytest

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers import jpeg as jpeg_reader
from image_metadata.headers.jpeg_metadata import MOST_BLOCKS
from image_metadata.model import RejectionReason
from tests.corpus import editors, exif, jpeg, tiff_writer
from tests.corpus.reading import CountedFile
from tests.corpus.sample import HEIGHT, WIDTH

KIBIBYTE = 1024


def frame(marker=0xC0, *, depth=8, height=300, width=200, components=3):
    return jpeg.segment(marker, struct.pack(">BHHB", depth, height, width, components) + bytes(3 * components))


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
        ({"components": 1}, "L", 8),
        ({"components": 4}, "CMYK", 8),
        ({"depth": 12}, None, 12),
        ({"components": 2}, None, 8),
    ],
)
def test_an_image_that_pillow_cannot_decode_has_a_size_and_no_color_mode(options, mode, depth):
    header = CountedFile(file(frame(**options))).header("a.jpg")
    assert (header.width, header.color_mode, header.bit_depth) == (200, mode, depth)


TOLERATED = {
    "fill bytes": b"\xff\xff\xff",
    "a block of fill bytes": b"\xff" * 50_000,
    "junk": b"camera was here\0",
    "stuffed junk": b"\xff\0\xff\0",
    "restart marker": b"\xff\xd0",
    "second start": b"\xff\xd8",
    "comment of length 0": b"\xff\xfe\0\0",
    "unknown segment": jpeg.segment(0xF5, b"?"),
}


@pytest.mark.parametrize("skipped", TOLERATED.values(), ids=TOLERATED)
def test_what_decoders_skip_is_skipped(skipped):
    assert CountedFile(file(jpeg.segment(0xE0, b"JFIF\0"), skipped, frame())).header("a.jpg").width == 200


LARGE = {
    "profile of 500 KB": profile(500_000),
    "profile in small parts": profile(250_000, cut=1000),
    "extended XMP of 2 MB": extended_xmp(2_000_000),
    "content credentials of 300 KB": jumbf(300_000),
    "EXIF thumbnail": [jpeg.segment(0xE1, b"Exif\0\0" + exif.with_thumbnail().ljust(60_000, b"\0"))],
    "maker note": [jpeg.segment(0xE1, b"Exif\0\0" + exif.with_maker_note(64_000))],
}


@pytest.mark.parametrize("segments", LARGE.values(), ids=LARGE)
def test_a_large_segment_costs_one_more_request(segments):
    measured = CountedFile(jpeg.insert(jpeg.jpeg(), *segments) + bytes(100 * KIBIBYTE))
    header = measured.header("a.jpg")
    assert (header.width, header.height) == (WIDTH, HEIGHT)
    assert measured.requests <= 2
    assert measured.fetched <= 68 * KIBIBYTE


def test_metadata_of_a_phone_and_an_editor_together_takes_a_few_small_requests():
    camera = jpeg.segment(0xE1, b"Exif\0\0" + exif.with_thumbnail().ljust(40_000, b"\0"))
    measured = CountedFile(jpeg.insert(jpeg.jpeg(), camera, *profile(500_000), *extended_xmp(900_000)))
    header = measured.header("a.jpg")
    assert (header.width, header.camera_model) == (WIDTH, "KX-100")
    assert measured.requests <= 5
    assert measured.fetched <= 76 * KIBIBYTE


@pytest.mark.parametrize("claimed", [2**32 - 1, 0, 131_000])
def test_a_profile_with_a_false_size_does_not_hide_the_frame(claimed):
    first, *rest = profile(200_000)
    damaged = first[:18] + struct.pack(">I", claimed) + first[22:]
    assert CountedFile(file(damaged, *rest, frame())).header("a.jpg").height == 300


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


def test_the_first_exif_block_wins():
    blocks = [jpeg.segment(0xE1, b"Exif\0\0" + exif.turned(turn)) for turn in (6, 3)]
    assert CountedFile(file(*blocks, frame())).header("a.jpg").orientation == 6


XMP_HEAD, PHOTOSHOP_HEAD = b"http://ns.adobe.com/xap/1.0/\0", b"Photoshop 3.0\0"


def exif_segment(block):
    return jpeg.segment(0xE1, b"Exif\0\0" + block)


def xmp_segment(properties, **options):
    return jpeg.segment(0xE1, XMP_HEAD + editors.xmp(properties, **options))


def photoshop_segment(resources):
    return jpeg.segment(0xED, PHOTOSHOP_HEAD + resources)


def test_a_hierarchy_of_frames_has_the_size_of_the_whole():
    header = CountedFile(file(frame(0xDE), frame(0xC0, width=100, height=150))).header("a.jpg")
    assert (header.width, header.height, header.color_mode) == (200, 300, None)


def test_jpeg_ls_is_rejected_by_name():
    with pytest.raises(HeaderRejectedError, match="a JPEG-LS image") as caught:
        CountedFile(file(frame(0xF7))).header("a.jls")
    assert caught.value.reason == RejectionReason.UNSUPPORTED_FORMAT


def test_exif_after_the_frame_is_read_if_already_fetched():
    assert CountedFile(file(frame(), exif_segment(exif.turned(6)))).header("a.jpg").orientation == 6
    far = CountedFile(file(frame(), *[jpeg.segment(0xFE, bytes(40_000))], exif_segment(exif.turned(6))))
    assert (far.header("a.jpg").orientation, far.requests) == (None, 1)


def test_damage_after_the_frame_does_not_reject_the_image():
    assert CountedFile(file(frame(), b"junk", exif_segment(exif.turned(6)))).header("a.jpg").width == 200


def test_a_second_exif_block_adds_what_the_first_one_lacks():
    resolution = exif_segment(tiff_writer.tiff({0x011A: tiff_writer.rational((72, 1))}))
    header = CountedFile(file(resolution, exif_segment(exif.camera(orientation=6)), frame())).header("a.jpg")
    assert (header.orientation, header.camera_model) == (6, "KX-100")


@pytest.mark.parametrize("cut", [20, 100, 150])
def test_exif_that_continues_in_the_next_segment_is_one_block(cut):
    block = exif.camera(orientation=6)
    header = CountedFile(file(exif_segment(block[:cut]), exif_segment(block[cut:]), frame())).header("a.jpg")
    assert (header.orientation, header.camera_model, header.taken_at) == (6, "KX-100", "2023-12-31T23:59:58.125")


def test_exif_of_several_segments_is_fetched_only_as_far_as_it_is_used():
    block = exif.with_maker_note(150_000)
    parts = [exif_segment(block[at : at + 65_527]) for at in range(0, len(block), 65_527)]
    measured = CountedFile(file(*parts, frame()))
    assert measured.header("a.jpg").camera_model == "KX-100"
    assert measured.fetched < 200 * KIBIBYTE


def test_xmp_and_iptc_add_what_exif_lacks():
    header = CountedFile(file(xmp_segment(editors.XMP_PROPERTIES), frame())).header("a.jpg")
    assert {name: getattr(header, name) for name in editors.XMP_TRUTH} == editors.XMP_TRUTH
    iptc = photoshop_segment(editors.resources(editors.iptc()))
    assert CountedFile(file(iptc, frame())).header("a.jpg").taken_at == "2021-05-06T07:08:09.000"


def test_resources_that_continue_in_the_next_segment_are_one_block():
    resources = editors.resources(editors.iptc())
    parts = [photoshop_segment(resources[:50]), photoshop_segment(resources[50:])]
    assert CountedFile(file(*parts, frame())).header("a.jpg").taken_at == "2021-05-06T07:08:09.000"


def test_xmp_that_costs_a_request_is_read_only_if_exif_has_no_camera_date():
    heavy = [jpeg.segment(0xE5, bytes(60_000)), xmp_segment(editors.XMP_PROPERTIES, padding=40_000), frame()]
    without_date, with_date = (CountedFile(file(*start, *heavy)) for start in ((), (exif_segment(exif.camera()),)))
    assert without_date.header("a.jpg").taken_at == editors.XMP_TRUTH["taken_at"]
    assert with_date.header("a.jpg").taken_at == exif.CAMERA_TRUTH["taken_at"]
    assert without_date.requests == with_date.requests + 1


CAMERAS = {
    "a block of 40 KB": [exif_segment(exif.with_maker_note(40_000))],
    "a block of 60 KB and a packet": [exif_segment(exif.with_maker_note(58_000)), xmp_segment({}, padding=2000)],
    "a full segment": [exif_segment(exif.with_maker_note(65_000))],
    "a small block and a preview": [exif_segment(exif.camera()), jpeg.segment(0xE4, bytes(65_000))],
    "three segments": [exif_segment(exif.with_maker_note(20_000)), *profile(20_000), xmp_segment({}, padding=20_000)],
    "a thermal image": [
        exif_segment(exif.camera()),
        *[jpeg.segment(0xE1, b"FLIR\0\1" + bytes([part, 9]) + bytes(65_000)) for part in range(9)],
        jpeg.segment(0xE1, b"FLIR\0\1\x09\x09" + bytes(3000)),
    ],
}


@pytest.mark.parametrize("segments", CAMERAS.values(), ids=CAMERAS)
def test_metadata_of_a_camera_takes_two_requests_of_64_kib_in_total(segments):
    measured = CountedFile(jpeg.insert(jpeg.jpeg(), *segments) + bytes(100 * KIBIBYTE))
    assert measured.header("a.jpg").camera_model == "KX-100"
    assert measured.requests <= 2
    assert measured.fetched <= 66 * KIBIBYTE


def test_markers_are_read_up_to_a_limit():
    assert CountedFile(file(*[jpeg.segment(0xE5, b"")] * (jpeg_reader.MOST_MARKERS - 1), frame())).header("a.jpg").width
    with pytest.raises(HeaderRejectedError) as caught:
        CountedFile(file(*[jpeg.segment(0xE5, b"")] * jpeg_reader.MOST_MARKERS, frame())).header("a.jpg")
    assert caught.value.reason == RejectionReason.HEADER_TOO_LARGE


@pytest.mark.parametrize("block", [exif_segment(b"II*\0"), xmp_segment({}), exif_segment(b"MM") + exif_segment(b"")])
def test_metadata_blocks_are_read_up_to_a_limit(block):
    blocks = MOST_BLOCKS // (1 + (block.count(b"Exif") > 1))
    last = exif_segment(exif.turned(6))
    assert CountedFile(file(*[block] * (blocks - 1), last, frame())).header("a.jpg").orientation == 6
    assert CountedFile(file(*[block] * (blocks * 100), last, frame())).header("a.jpg").orientation is None
