"""GIF, WebP, BMP, icons, PSD, netpbm, PCX and TGA: the edges that a corpus of sound files does not have."""

import struct

import pytest

from image_metadata.errors import HeaderRejectedError
from image_metadata.model import RejectionReason
from tests.corpus import bmp, exif, gif, psd, webp
from tests.corpus.reading import CountedFile
from tests.corpus.sample import HEIGHT, WIDTH, encode, picture

KIBIBYTE = 1024


def read(data, name="a"):
    return CountedFile(data).header(name)


def reason(data, name="a"):
    with pytest.raises(HeaderRejectedError) as caught:
        read(data, name)
    return caught.value.reason


def blocks(size):
    return b"!\xfe" + b"\xff".join([b"", *[bytes(255)] * (size // 256)]) + b"\0"


def test_a_gif_with_a_long_comment_is_read_through_it_in_growing_steps():
    data = gif.gif("P")
    palette_end = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    measured = CountedFile(data[:palette_end] + blocks(400 * KIBIBYTE) + data[palette_end:])
    assert measured.header("a.gif").width == WIDTH
    assert measured.requests <= 7


@pytest.mark.parametrize("data", [b"GIF89a" + bytes(7), b"GIF89a\1\0\1\0\0\0\0;", b"GIF89a\1\0\1\0\0\0\0!\xff\xff"])
def test_a_gif_without_a_picture_is_corrupt(data):
    assert reason(data) == RejectionReason.CORRUPT


def riff(*chunks):
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def extended(flags):
    return b"VP8X", bytes([flags, 0, 0, 0]) + (WIDTH - 1).to_bytes(3, "little") + (HEIGHT - 1).to_bytes(3, "little")


def test_exif_behind_the_pixels_of_a_webp_costs_one_request_where_it_is_promised():
    pixels = (b"VP8 ", bytes(300 * KIBIBYTE))
    promised = CountedFile(riff(extended(0x08), pixels, (b"EXIF", exif.turned(6))))
    header = promised.header("a.webp")
    assert (header.width, header.display_width, header.orientation) == (WIDTH, HEIGHT, 6)
    assert promised.requests == 2
    silent = CountedFile(riff(extended(0), pixels, (b"EXIF", exif.turned(6))))
    assert silent.header("a.webp").orientation is None
    assert silent.requests == 1


def test_frames_of_a_webp_are_counted_where_that_is_free():
    frames = [(b"ANMF", bytes(100))] * 3
    assert read(riff(extended(0x02), *frames)).frame_count == 3
    assert read(riff(extended(0x02), *frames, (b"ANMF", bytes(99_999)))).frame_count is None


@pytest.mark.parametrize("kind", [b"VP8 ", b"VP8L"])
def test_a_webp_of_damaged_pixels_is_corrupt(kind):
    assert reason(riff((kind, bytes(40)))) == RejectionReason.CORRUPT


def test_a_webp_of_either_coding_says_its_size():
    for options in ({"lossless": True}, {"lossless": False}):
        assert read(webp.webp("RGBA", **options)).has_alpha


@pytest.mark.parametrize("depth", [2, 64, 30_000])
def test_a_bitmap_of_a_strange_depth_has_a_size_and_no_mode(depth):
    data = b"BM" + bytes(12) + struct.pack("<IiiHH", 40, 5, -3, 1, depth) + bytes(24)
    assert (read(data).width, read(data).height, read(data).color_mode) == (5, 3, None)


def test_a_bitmap_of_a_strange_header_is_corrupt():
    assert reason(b"BM" + bytes(12) + struct.pack("<I", 66) + bytes(100)) == RejectionReason.CORRUPT


def test_text_that_starts_like_a_bitmap_is_text():
    assert reason(b"BMW drivers of the world, unite!") == RejectionReason.UNSUPPORTED_FORMAT


def test_sixteen_bits_with_masks_of_four_have_alpha():
    masks = struct.pack("<4I", 0xF00, 0xF0, 0xF, 0xF000)
    header = read(bmp.bmp(16, 108, compression=3, masks=masks))
    assert (header.has_alpha, header.color_mode) == (True, None)


def icon(kind, count, *entries):
    return struct.pack("<HHH", 0, kind, count) + b"".join(entries)


def test_an_icon_is_as_large_as_its_picture_says():
    dib = struct.pack("<IiiHHIIiiII", 40, 48, 96, 1, 32, *[0] * 6)
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(dib), 22)
    header = read(icon(1, 1, entry, dib))
    assert (header.width, header.height, header.display_height, header.color_mode) == (48, 48, 48, "RGBA")


@pytest.mark.parametrize("data", [icon(1, 3), icon(1, 1, bytes(16)), icon(2, 1, bytes(12) + b"\xff\xff\xff\x7f")])
def test_an_icon_that_points_nowhere_is_corrupt(data):
    assert reason(data) == RejectionReason.CORRUPT


def test_a_targa_that_starts_like_a_cursor_is_a_targa():
    data = b"\0\0\x02" + bytes(9) + struct.pack("<HH", 4, 3) + b"\x18\0" + bytes(36)
    assert read(data, "plane.tga").format == "TGA"
    assert read(data + bytes(8) + b"TRUEVISION-XFILE.\0", "plane").format == "TGA"
    assert reason(data, "plane") == RejectionReason.UNSUPPORTED_FORMAT


def test_an_apple_icon_of_endless_elements_ends():
    assert reason(b"icns" + b"\x7f\xff\xff\xff" + b"TOC \0\0\0\x08" * 100_000) == RejectionReason.CORRUPT


def test_heavy_resources_of_a_psd_are_not_read():
    measured = CountedFile(psd.psd(3, 3, resources=psd.resource(1036, bytes(900 * KIBIBYTE))))
    assert measured.header("a.psd").width == WIDTH
    assert measured.requests == 1


def test_exif_of_a_psd_is_taken_where_it_is_free():
    near = psd.psd(3, 3, resources=psd.resource(1058, exif.camera()))
    far = psd.psd(3, 3, resources=psd.resource(1036, bytes(90 * KIBIBYTE)) + psd.resource(1058, exif.camera()))
    assert (read(near).camera_model, read(far).camera_model) == ("KX-100", None)


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
def test_a_portable_map_is_read_by_its_words(header, mode, depth):
    found = read(header + bytes(70))
    assert (found.format, found.width, found.height) == ("PPM", 7, 5)
    assert (found.color_mode, found.bit_depth) == (mode, depth)


@pytest.mark.parametrize("header", [b"P5 7 ", b"P5 7 5 70000 ", b"P6 7 5 0 ", b"Pf 7 5 nan ", b"P7\nWIDTH 7\nENDHDR\n"])
def test_a_portable_map_without_its_numbers_is_corrupt(header):
    assert reason(header + b"#" * 100_000) in (RejectionReason.CORRUPT, RejectionReason.UNSUPPORTED_FORMAT)


def test_a_pcx_is_not_taken_from_a_text_that_starts_with_an_empty_line():
    assert reason(b"\n\x05 a strange text") == RejectionReason.UNSUPPORTED_FORMAT
    assert read(encode(picture(), "PCX")).format == "PCX"
