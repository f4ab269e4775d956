"""Rotation, mirroring and cropping agree with two decoders."""

import struct
from fractions import Fraction
from io import BytesIO
from itertools import permutations, product

import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageOps

from image_metadata.headers.isobmff.heif import read
from image_metadata.headers.reader import HeaderReader
from image_metadata.model import ImageHeader
from tests.corpus.avif import avif
from tests.corpus.isobmff import Item, box, coded, container, mirror, rotation, size

SIDE = 64
TURNS = [rotation(quarters) for quarters in range(4)]
MIRRORS = [mirror(axis) for axis in range(2)]
ORDERS = [
    *[(one,) for one in TURNS + MIRRORS],
    *[order for pair in product(TURNS, MIRRORS) for order in permutations(pair)],
    (rotation(1), mirror(0), rotation(2), mirror(1)),
]


@pytest.fixture(scope="module")
def picture():
    """Four corners of four colors."""
    image = Image.new("RGB", (SIDE, SIDE))
    for place, color in {(0, 0): "red", (32, 0): "lime", (32, 32): "blue", (0, 32): "white"}.items():
        image.paste(color, (*place, place[0] + 32, place[1] + 32))
    return image


@pytest.fixture(scope="module")
def tile(picture):
    """A function: the file of the picture as one HEVC item with further properties."""
    buffer = BytesIO()
    pillow_heif.from_pillow(picture).save(buffer, quality=-1)
    configuration, data = coded(buffer.getvalue(), b"hvcC")
    return lambda *properties: container([Item(b"hvc1", data, (configuration, size(SIDE, SIDE), *properties))])


def header(data: bytes) -> ImageHeader:
    return read(HeaderReader(lambda offset, length: data[offset : offset + length], len(data)))


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    right, bottom = image.width - 5, image.height - 5
    found = [image.convert("RGB").getpixel(place) for place in ((4, 4), (right, 4), (right, bottom), (4, bottom))]
    return [tuple(round(level / 255) for level in pixel) for pixel in found]


def turned(image: Image.Image, orientation: int) -> Image.Image:
    copy = image.copy()
    copy.getexif()[ExifTags.Base.Orientation] = orientation
    return ImageOps.exif_transpose(copy)


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(one[4:].hex() for one in order))
def test_the_orientation_turns_the_stored_pixels_into_what_libheif_shows(order, tile, picture):
    data = tile(*order)
    shown = pillow_heif.open_heif(data).to_pillow()
    assert corners(turned(picture, header(data).orientation)) == corners(shown)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_an_avif_agrees_with_pillow(orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = avif("RGB", 40, 30, exif=exif)
    found = header(data)
    assert (found.orientation or 1) == Image.open(BytesIO(data)).getexif().get(ExifTags.Base.Orientation, 1)
    assert (found.display_width, found.display_height) == ((30, 40) if orientation > 4 else (40, 30))


def aperture(width: Fraction, height: Fraction, right: Fraction, down: Fraction) -> bytes:
    """A ``clap`` property; the last two are offsets of its center from that of the picture."""
    numbers = [part for side in (width, height, right, down) for part in (side.numerator, side.denominator)]
    return box(b"clap", struct.pack(">iIiIiIiI", *numbers))


APERTURES = {
    "centered": aperture(Fraction(40), Fraction(20), Fraction(0), Fraction(0)),
    "at-the-corner": aperture(Fraction(40), Fraction(20), Fraction(12), Fraction(-22)),
    "of-odd-size": aperture(Fraction(29), Fraction(49), Fraction(-35, 2), Fraction(-15, 2)),
    "beyond-the-edge": aperture(Fraction(40), Fraction(40), Fraction(30), Fraction(0)),
    "of-halves": aperture(Fraction(81, 2), Fraction(61, 2), Fraction(1, 4), Fraction(0)),
}


@pytest.mark.parametrize("crop", APERTURES.values(), ids=APERTURES)
@pytest.mark.parametrize("turn", [(), (rotation(1),)], ids=["upright", "rotated"])
def test_the_display_size_is_that_of_libheif(crop, turn, tile):
    for properties in permutations((crop, *turn)):
        data = tile(*properties)
        found = header(data)
        assert (found.display_width, found.display_height) == pillow_heif.open_heif(data).to_pillow().size
        assert (found.width, found.height) == (SIDE, SIDE)


@pytest.mark.parametrize(
    "crop",
    [
        box(b"clap", bytes(32)),
        box(b"clap", struct.pack(">8I", 40, 0, 20, 1, 0, 1, 0, 1)),
        aperture(Fraction(10), Fraction(10), Fraction(500), Fraction(0)),
        aperture(Fraction(-10), Fraction(10), Fraction(0), Fraction(0)),
    ],
)
def test_an_empty_crop_is_not_applied(crop, tile):
    found = header(tile(crop))
    assert (found.display_width, found.display_height) == (SIDE, SIDE)


def test_an_image_without_a_transformation_has_no_orientation(tile):
    assert header(tile()).orientation is None
