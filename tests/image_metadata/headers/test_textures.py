"""DDS, PCX, SGI, TGA and ICNS: a sound header is a row, whether or not Pillow decodes the pixels."""

import struct
from io import BytesIO

import pytest
from PIL import Image, UnidentifiedImageError

from image_metadata.errors import HeaderRejectedError
from image_metadata.model import RejectionReason
from tests.corpus import textures
from tests.corpus.opinions import full_open
from tests.corpus.reading import CountedFile
from tests.corpus.sample import HEIGHT, WIDTH, encode, picture

COLORS = bytes(range(256)) + bytes(512)
GRAYS = bytes(level for level in range(256) for _ in range(3))
A8R8G8B8 = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
R5G6B5 = (0xF800, 0x7E0, 0x1F)


def read(data, name="a"):
    return CountedFile(data).header(name)


def pixels(data, name="a"):
    header = read(data, name)
    assert (header.width, header.height) == (WIDTH, HEIGHT)
    return header.color_mode, header.bit_depth, header.has_alpha


DECODED_BY_PILLOW = {
    "dds-rgb": textures.dds(textures.RGB, bits=24, masks=A8R8G8B8[:3]),
    "dds-rgba": textures.dds(textures.RGB | textures.ALPHA, bits=32, masks=A8R8G8B8),
    "dds-luminance": textures.dds(textures.LUMINANCE, bits=8),
    "dds-luminance-alpha": textures.dds(textures.LUMINANCE | textures.ALPHA, bits=16),
    "dds-p8": textures.dds(textures.PALETTE_8, bits=8),
    "dds-dxt1": textures.dds(textures.FOURCC, b"DXT1"),
    "dds-dxt5": textures.dds(textures.FOURCC, b"DXT5"),
    "dds-ati1": textures.dds(textures.FOURCC, b"ATI1"),
    "dds-ati2": textures.dds(textures.FOURCC, b"ATI2"),
    "dds-bc5s": textures.dds(textures.FOURCC, b"BC5S"),
    **{
        f"dds-dxgi-{number}": textures.dds(textures.FOURCC, b"DX10", dxgi=number)
        for number in (27, 28, 29, 70, 71, 73, 74, 76, 77, 79, 80, 82, 83, 84, 95, 96, 97, 98, 99)
    },
    "pcx-two-colors": textures.pcx(1, 1),
    "pcx-four-colors": textures.pcx(1, 2),
    "pcx-sixteen-colors": textures.pcx(1, 4),
    "pcx-palette": textures.pcx(8, 1, palette=b"\x0c" + COLORS),
    "pcx-grays": textures.pcx(8, 1, palette=b"\x0c" + GRAYS),
    "pcx-no-palette": textures.pcx(8, 1, palette=bytes(769)),
    "pcx-rgb": textures.pcx(8, 3),
    **{
        f"sgi-{depth}-{channels}": textures.sgi(depth, dimensions, channels)
        for depth in (1, 2)
        for dimensions, channels in ((2, 1), (3, 3), (3, 4))
    },
    **{
        f"tga-{kind}-{depth}": textures.tga(kind, depth)
        for kind, depth in ((2, 16), (2, 24), (2, 32), (3, 1), (3, 8), (3, 16))
    },
    **{f"tga-palette-{depth}": textures.tga(1, 8, palette_depth=depth) for depth in (16, 24, 32)},
}


@pytest.mark.parametrize("name", DECODED_BY_PILLOW)
def test_a_picture_that_pillow_decodes_has_its_mode_and_alpha(name):
    opinion = full_open(DECODED_BY_PILLOW[name])
    header = read(DECODED_BY_PILLOW[name], f"a.{name.partition('-')[0]}")
    assert {field: getattr(header, field) for field in opinion} == dict(opinion)


@pytest.mark.parametrize(
    ("data", "depth", "has_alpha"),
    [
        (textures.dds(textures.FOURCC, b"DXT2"), 8, True),
        (textures.dds(textures.FOURCC, b"DXT4"), 8, True),
        (textures.dds(textures.FOURCC, struct.pack("<I", 113)), 16, True),
        (textures.dds(textures.FOURCC, b"YUY2"), None, False),
        (textures.dds(textures.YUV, bits=16), None, False),
        (textures.dds(textures.LUMINANCE, bits=16), 16, False),
        (textures.dds(textures.FOURCC, b"DX10", dxgi=10), 16, True),
        (textures.dds(textures.FOURCC, b"DX10", dxgi=87), 8, True),
        (textures.dds(textures.FOURCC, b"DX10", dxgi=9999), None, False),
        (textures.pcx(2, 1), 2, False),
        (textures.pcx(8, 4), 8, True),
        (textures.pcx(8, 1, version=3), 8, False),
        (textures.sgi(1, 3, 2), 8, True),
        (textures.sgi(2, 3, 5), 16, False),
    ],
)
def test_a_picture_that_pillow_does_not_decode_has_a_row_without_a_mode(data, depth, has_alpha):
    with pytest.raises((OSError, NotImplementedError, ValueError)):
        full_open(data)
    assert pixels(data) == (None, depth, has_alpha)


@pytest.mark.parametrize(
    ("data", "depth", "has_alpha"), [(textures.tga(2, 15), 5, False), (textures.tga(1, 16, palette_depth=32), 8, True)]
)
def test_a_tga_that_pillow_does_not_decode_has_a_row_without_a_mode(data, depth, has_alpha):
    assert pixels(data, "a.tga") == (None, depth, has_alpha)


def test_sixteen_bits_of_color_are_five_a_channel():
    assert pixels(textures.dds(textures.RGB, bits=16, masks=R5G6B5)) == ("RGB", 5, False)
    assert pixels(textures.tga(2, 16), "a.tga") == ("RGBA", 5, True)


def test_a_cut_texture_still_has_its_size():
    assert pixels(textures.dds(textures.FOURCC, b"DXT1")[:128])[0] == "RGBA"
    assert pixels(textures.pcx(8, 1)[:200]) == ("L", 8, False)


def reason(data, name):
    with pytest.raises(HeaderRejectedError) as caught:
        read(data, name)
    return caught.value.reason, caught.value.detail.rpartition("found ")[2]


@pytest.mark.parametrize("name", ["a.tga", "A.TGA", "a.icb", "a.vda", "a.vst"])
def test_the_name_of_a_tga_makes_nothing_else_a_tga(name):
    unsupported = RejectionReason.UNSUPPORTED_FORMAT
    assert reason(b"a shopping list, and nothing else", name) == (unsupported, "plain text")
    office = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert reason(office, name) == (unsupported, "an old Microsoft Office document")
    assert reason(bytes(600), name) == (unsupported, "nothing but zero bytes")
    assert read(encode(picture(), "GIF"), name).format == "GIF"


def test_a_tga_without_footer_is_recognized_by_its_name_alone():
    data = textures.tga(10, 24)
    assert read(data, "a.tga").format == "TGA"
    assert reason(data, "a")[0] == RejectionReason.UNSUPPORTED_FORMAT


def test_a_tga_without_width_is_a_tga_of_invalid_size():
    assert reason(textures.tga(2, 24, width=0), "a.tga")[0] == RejectionReason.INVALID_DIMENSIONS


def png_of(mode, side):
    return encode(picture(mode, side, side), "PNG")


ICONS = {
    "png with alpha": [(b"ic07", png_of("RGBA", 128))],
    "png without alpha": [(b"ic07", png_of("RGB", 128))],
    "gray png": [(b"ic11", png_of("L", 32))],
    "planes with mask": [(b"is32", bytes(16 * 16 * 3)), (b"s8mk", bytes(256))],
    "planes without mask": [(b"is32", bytes(16 * 16 * 3))],
    "jpeg 2000": [(b"ic08", encode(picture("RGB", 256, 256), "JPEG2000"))],
    "the larger of two": [(b"ic07", png_of("RGB", 128)), (b"is32", bytes(16 * 16 * 3))],
    "nominal size before scale": [
        (b"ic12", png_of("RGB", 64)),
        (b"ih32", bytes(48 * 48 * 3)),
        (b"h8mk", bytes(48 * 48)),
    ],
}


@pytest.mark.parametrize("contents", [False, True], ids=["", "with contents"])
@pytest.mark.parametrize("name", ICONS)
def test_an_apple_icon_has_the_size_mode_and_alpha_that_pillow_gives(name, contents):
    data = textures.icns(*ICONS[name], contents=contents)
    with Image.open(BytesIO(data)) as image:
        image.load()
        opinion = (*image.size, image.mode, image.has_transparency_data)
    header = read(data)
    assert (header.width, header.height, header.color_mode, header.has_alpha) == opinion


@pytest.mark.parametrize(
    ("kind", "side", "depth", "has_alpha"), [(b"ICN#", 32, 1, True), (b"icl8", 32, 8, False), (b"ic05", 32, 8, True)]
)
def test_an_apple_icon_that_pillow_does_not_decode_has_a_row_without_a_mode(kind, side, depth, has_alpha):
    data = textures.icns((kind, bytes(1024)))
    with pytest.raises(UnidentifiedImageError):
        Image.open(BytesIO(data), formats=["ICNS"]).load()
    header = read(data)
    assert (header.width, header.height) == (side, side)
    assert (header.color_mode, header.bit_depth, header.has_alpha) == (None, depth, has_alpha)


def test_a_table_of_contents_makes_large_icons_cost_two_requests():
    elements = [(b"ic12", bytes(90_000)), (b"ic13", bytes(90_000)), (b"ic14", bytes(90_000)), (b"ic10", png_of("L", 9))]
    listed = CountedFile(textures.icns(*elements, contents=True))
    assert listed.header("a.icns").color_mode == "L"
    assert listed.requests == 2
