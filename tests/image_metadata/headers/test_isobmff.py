"""Still HEIF and AVIF: the primary item, its properties, and how many requests they cost."""

import struct

import pytest

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers.isobmff.heif import read
from image_metadata.headers.reader import FIRST_READ, HeaderReader
from image_metadata.model import ImageHeader, RejectionReason
from tests.corpus import exif
from tests.corpus.avif import avif
from tests.corpus.heif import heic
from tests.corpus.isobmff import Item, box, container, exif_item, full_box, grid, large_box, mirror, rotation, size
from tests.corpus.reading import CountedFile

DEEP_HEVC = box(b"hvcC", b"\1" + bytes(15) + b"\xfd\xfa\xfa" + bytes(4))
GRAY_AV1 = box(b"av1C", b"\x81\x40\x70\0")
ALPHA = full_box(b"auxC", 0, 0, b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")
DEPTH = full_box(b"auxC", 0, 0, b"urn:mpeg:mpegB:cicp:systems:auxiliary:depth\0")


def header(data: bytes) -> ImageHeader:
    return read(HeaderReader(CountedFile(data).fetch, len(data)))


def coded(kind: bytes = b"hvc1", *properties: bytes, width: int = 61, height: int = 37, **options) -> Item:
    return Item(kind, b"pixels", (size(width, height), *properties), **options)


@pytest.mark.parametrize("brand", [b"mif1", b"heic", b"avif", b"miaf", b"mif2"])
@pytest.mark.parametrize(
    ("codec", "expected"),
    [(b"av01", "AVIF"), (b"hvc1", "HEIF"), (b"avc1", "HEIF"), (b"jpeg", "HEIF"), (b"unci", "HEIF"), (b"j2k1", "HEIF")],
)
def test_the_codec_decides_the_format(brand, codec, expected):
    assert header(container([coded(codec)], brand=brand)).format == expected


def test_the_codec_of_a_derived_image_is_that_of_its_first_input():
    identity = Item(b"iden", b"", (size(61, 37),), (b"dimg", [2]))
    whole = Item(b"grid", grid(1, 1, 61, 37), (size(61, 37),), (b"dimg", [3]))
    assert header(container([identity, whole, coded(b"av01", GRAY_AV1)], brand=b"mif1")).format == "AVIF"


@pytest.mark.parametrize(
    ("brand", "look"),
    [
        (b"isom", "an MPEG-4 video"),
        (b"mp42", "an MPEG-4 video"),
        (b"qt  ", "a QuickTime video"),
        (b"M4A ", "an MPEG-4 sound"),
        (b"3gp5", "a 3GPP video"),
        (b"xyz\0", "a file of brand xyz%00"),
    ],
)
def test_the_rejection_names_what_another_file_made_of_boxes_is(brand, look):
    data = box(b"ftyp", brand, bytes(4), b"isom") + box(b"mdat", bytes(50))
    with pytest.raises(HeaderRejectedError) as rejected:
        header(data)
    assert rejected.value.reason == RejectionReason.UNSUPPORTED_FORMAT
    assert look in rejected.value.detail


def test_a_file_without_a_file_type_box_is_corrupt():
    for data in (b"", b"ftyp", container([coded()])[24:]):
        with pytest.raises(HeaderRejectedError) as rejected:
            header(data)
        assert rejected.value.reason == RejectionReason.CORRUPT


def test_one_compatible_brand_is_enough():
    data = container([coded()]).replace(b"ftypheic\0\0\0\0mif1heic", b"ftypisom\0\0\0\0mif1heic")
    assert header(data).format == "HEIF"


@pytest.mark.parametrize(
    ("properties", "mode", "depth"),
    [
        ([DEEP_HEVC], "RGB", 10),
        ([GRAY_AV1], "L", 12),
        ([full_box(b"pixi", 0, 0, b"\3\x10\x10\x10")], "RGB", 16),
        ([full_box(b"pixi", 0, 0, b"\1\x08")], "L", 8),
        ([full_box(b"pixi", 0, 0, b"\3\x08\x08\x08"), DEEP_HEVC], "RGB", 10),
        ([], None, None),
    ],
)
def test_mode_and_depth_are_those_of_the_decoder_configuration_else_of_the_pixel_information(properties, mode, depth):
    found = header(container([coded(b"hvc1", *properties)]))
    assert (found.color_mode, found.bit_depth) == (mode, depth)


@pytest.mark.parametrize(("plane", "expected"), [(ALPHA, True), (DEPTH, False)])
@pytest.mark.parametrize("of", [1, 2], ids=["the-grid", "its-tile"])
def test_only_an_auxiliary_image_of_type_alpha_gives_alpha(plane, expected, of):
    whole = Item(b"grid", grid(1, 1, 61, 37), (size(61, 37),), (b"dimg", [2]))
    auxiliary = coded(b"hvc1", plane, reference=(b"auxl", [of]))
    found = header(container([whole, coded(b"hvc1", DEEP_HEVC, hidden=True), auxiliary]))
    assert (found.has_alpha, found.color_mode) == (expected, "RGBA" if expected else "RGB")


def test_hidden_items_thumbnails_and_auxiliary_images_are_not_frames():
    others = [coded(hidden=True), coded(reference=(b"thmb", [1])), coded(b"hvc1", ALPHA, reference=(b"auxl", [1]))]
    assert header(container([coded(), *others, exif_item(exif.camera(), of=1), coded()])).frame_count == 2


def test_a_directory_behind_five_tebibytes_of_data_costs_two_requests():
    """The sizes of the box are 64 bits wide, and what it holds is never asked for."""
    start = box(b"ftyp", b"heic", bytes(4), b"mif1heic") + struct.pack(">I4sQ", 1, b"mdat", 5 << 40)
    picture = container([coded(width=8064, height=6048)])
    tail = picture[picture.index(b"meta") - 4 :]
    offset = len(start) - 16 + (5 << 40)
    asked = []

    def fetch(at: int, length: int) -> bytes:
        asked.append((at, length))
        near_the_end = bytes(max(0, offset - at)) + tail[max(0, at - offset) :] if at > FIRST_READ else b""
        return (near_the_end or start + bytes(length))[:length]

    found = read(HeaderReader(fetch, offset + len(tail), first=fetch(0, FIRST_READ)))
    assert (found.width, found.height, len(asked)) == (8064, 6048, 2)


def test_the_last_box_may_omit_its_size():
    data = container([coded()], data_first=True)
    at = data.index(b"meta") - 4
    assert header(data[:at] + bytes(4) + data[at + 4 :]).width == 61


def test_a_large_color_profile_among_the_properties_is_not_read():
    profile = box(b"colr", b"prof", bytes(2_000_000))
    picture = Item(b"hvc1", b"pixels", (profile, size(61, 37), DEEP_HEVC, rotation(1)))
    file = CountedFile(container([picture]))
    found = read(HeaderReader(file.fetch, len(file.data)))
    assert (found.orientation, found.bit_depth) == (8, 10)
    assert file.fetched < 64 * 1024


def wide_container(*properties: bytes) -> bytes:
    """Every number as wide as the format allows: item 70,000, and properties from the 128th on."""
    item, count = 70_000, len(properties)
    free = [box(b"free")] * 150
    links = struct.pack(f">IIB{count}H", 1, item, count, *(0x8000 | 151 + index for index in range(count)))
    meta = full_box(
        b"meta",
        0,
        0,
        full_box(
            b"iinf", 1, 0, struct.pack(">I", 1), full_box(b"infe", 3, 0, struct.pack(">IH4sB", item, 0, b"av01", 0))
        ),
        full_box(b"pitm", 1, 0, struct.pack(">I", item)),
        box(b"iprp", box(b"ipco", *free, *properties), full_box(b"ipma", 1, 1, links)),
        full_box(b"iref", 1, 0, box(b"cdsc", struct.pack(">IHI", 5, 1, item))),
    )
    return box(b"ftyp", b"mif1", bytes(4), b"mif1") + large_box(b"free", bytes(9)) + meta


def test_the_widest_fields_are_read():
    found = header(wide_container(size(100_000, 60_000), GRAY_AV1, mirror(1)))
    assert (found.format, found.width, found.height) == ("AVIF", 100_000, 60_000)
    assert (found.color_mode, found.bit_depth, found.orientation) == ("L", 12, 2)


def test_a_mini_box_gives_size_depth_alpha_and_orientation():
    fields = "00" + "000100000" + "01" + "101" + "1" + f"{1023:015b}" + f"{499:015b}" + "00" + "1" + "001" + "0"
    bits = int(fields.ljust(160, "0"), 2).to_bytes(20, "big")
    found = header(box(b"ftyp", b"mif3", b"avif") + box(b"mini", bits, bytes(40)))
    assert (found.format, found.width, found.height) == ("AVIF", 1024, 500)
    assert (found.display_width, found.display_height, found.orientation) == (500, 1024, 6)
    assert (found.color_mode, found.bit_depth, found.has_alpha) == ("RGBA", 10, True)


@pytest.mark.parametrize("make", [heic, avif])
def test_a_file_cut_inside_its_pixels_still_has_its_header(make):
    data = make("RGB", 61, 37)
    assert header(data[: data.index(b"mdat") + 10]) == header(data)


@pytest.mark.parametrize("make", [heic, avif])
def test_a_file_cut_inside_its_header_is_corrupt(make):
    data = make("RGB", 61, 37)
    with pytest.raises(HeaderRejectedError) as rejected:
        header(data[: data.index(b"iprp") + 40])
    assert rejected.value.reason == RejectionReason.CORRUPT


@pytest.mark.parametrize("missing", [b"pitm", b"ispe", b"ipma", b"meta"])
def test_an_image_without_a_size_is_corrupt(missing):
    with pytest.raises(HeaderRejectedError) as rejected:
        header(container([coded()]).replace(missing, b"free"))
    assert rejected.value.reason == RejectionReason.CORRUPT
