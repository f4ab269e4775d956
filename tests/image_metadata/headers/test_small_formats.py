"""BMP, icons, PSD, netpbm, PCX and TGA: the edge cases that a corpus of sound files lacks."""

import struct

import pytest

from image_metadata.errors import HeaderRejectedError
from image_metadata.model import RejectionReason
from tests.corpus import bmp, editors, exif, psd
from tests.corpus.reading import CountedFile
from tests.corpus.sample import WIDTH, encode, picture

KIBIBYTE = 1024


def read(data, name="a"):
    return CountedFile(data).header(name)


def reason(data, name="a"):
    with pytest.raises(HeaderRejectedError) as caught:
        read(data, name)
    return caught.value.reason


@pytest.mark.parametrize("depth", [2, 64, 30_000])
def test_a_bitmap_of_an_unknown_depth_has_a_size_and_no_mode(depth):
    data = b"BM" + bytes(12) + struct.pack("<IiiHH", 40, 5, -3, 1, depth) + bytes(24)
    assert (read(data).width, read(data).height, read(data).color_mode) == (5, 3, None)


def test_a_bitmap_header_of_an_unknown_size_is_corrupt():
    assert reason(b"BM" + bytes(12) + struct.pack("<I", 66) + bytes(100)) == RejectionReason.CORRUPT


def test_text_that_starts_like_a_bitmap_is_text():
    assert reason(b"BMW drivers of the world, unite!") == RejectionReason.UNSUPPORTED_FORMAT


def test_sixteen_bits_with_masks_of_four_have_alpha():
    masks = struct.pack("<4I", 0xF00, 0xF0, 0xF, 0xF000)
    header = read(bmp.bmp(16, 108, compression=3, masks=masks))
    assert (header.has_alpha, header.color_mode) == (True, None)


def icon(kind, count, *entries):
    return struct.pack("<HHH", 0, kind, count) + b"".join(entries)


def test_an_icon_has_the_size_in_the_header_of_its_picture():
    dib = struct.pack("<IiiHHIIiiII", 40, 48, 96, 1, 32, *[0] * 6)
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(dib), 22)
    header = read(icon(1, 1, entry, dib))
    assert (header.width, header.height, header.display_height, header.color_mode) == (48, 48, 48, "RGBA")


@pytest.mark.parametrize("data", [icon(1, 3), icon(1, 1, bytes(16)), icon(2, 1, bytes(12) + b"\xff\xff\xff\x7f")])
def test_an_icon_that_points_nowhere_is_corrupt(data):
    assert reason(data) == RejectionReason.CORRUPT


def test_a_tga_that_starts_like_a_cursor_is_a_tga():
    data = b"\0\0\x02" + bytes(9) + struct.pack("<HH", 4, 3) + b"\x18\0" + bytes(36)
    assert read(data, "plane.tga").format == "TGA"
    assert read(data + bytes(8) + b"TRUEVISION-XFILE.\0", "plane").format == "TGA"
    assert reason(data, "plane") == RejectionReason.UNSUPPORTED_FORMAT


def test_an_apple_icon_with_too_many_elements_is_corrupt():
    assert reason(b"icns" + b"\x7f\xff\xff\xff" + b"TOC \0\0\0\x08" * 100_000) == RejectionReason.CORRUPT


def test_large_resources_of_a_psd_are_not_read():
    measured = CountedFile(psd.psd(3, 3, resources=psd.resource(1036, bytes(900 * KIBIBYTE))))
    assert measured.header("a.psd").width == WIDTH
    assert measured.requests == 1


def test_metadata_of_a_psd_takes_one_more_request_behind_a_thumbnail():
    metadata = psd.resource(1058, exif.camera()) + psd.resource(1060, editors.xmp({"exifEX:LensModel": "Other"}))
    near = CountedFile(psd.psd(3, 3, resources=metadata))
    far = CountedFile(psd.psd(3, 3, resources=psd.resource(1036, bytes(90 * KIBIBYTE)) + metadata))
    for measured, requests in ((near, 1), (far, 2)):
        header = measured.header("a.psd")
        assert (header.camera_model, header.lens_model, measured.requests) == ("KX-100", "KX 35mm F2", requests)
    assert far.fetched <= 64 * KIBIBYTE


def test_metadata_of_a_psd_takes_no_third_request():
    gap = psd.resource(1036, bytes(90 * KIBIBYTE))
    measured = CountedFile(psd.psd(3, 3, resources=gap + gap + psd.resource(1058, exif.camera())))
    assert measured.header("a.psd").camera_model is None
    assert measured.requests == 2


@pytest.mark.parametrize(
    ("header", "mode", "depth"),
    [
        (b"P5 7 5 255 ", "L", 8),
        (b"P5\n# by hand\n7 # wide\n5\n65535\n", "I", 16),
        (b"P6 7 5 1023\n", "RGB", 10),
        (b"P4 7 5\n", "1", 1),
        (b"Pf 7 5 -1.0\n", "F", 32),
        (b"PF\n7 5\n1\n", None, 32),
        (b"P7\nWIDTH 7\nHEIGHT 5\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n", None, 8),
    ],
)
def test_a_portable_map_is_read(header, mode, depth):
    found = read(header + bytes(70))
    assert (found.format, found.width, found.height) == ("PPM", 7, 5)
    assert (found.color_mode, found.bit_depth) == (mode, depth)


@pytest.mark.parametrize("header", [b"P5 7 ", b"P5 7 5 70000 ", b"P6 7 5 0 ", b"Pf 7 5 nan ", b"P7\nWIDTH 7\nENDHDR\n"])
def test_a_portable_map_without_its_numbers_is_corrupt(header):
    assert reason(header + b"#" * 100_000) in (RejectionReason.CORRUPT, RejectionReason.UNSUPPORTED_FORMAT)


def test_a_pcx_is_not_taken_from_a_text_that_starts_with_an_empty_line():
    assert reason(b"\n\x05 a strange text") == RejectionReason.UNSUPPORTED_FORMAT
    assert read(encode(picture(), "PCX")).format == "PCX"
