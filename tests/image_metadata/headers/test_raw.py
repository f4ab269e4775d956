"""Camera raw: the full picture's size, whatever previews the file holds, in three small requests."""

import struct

import pytest

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers import MEDIA_TYPES
from image_metadata.model import RejectionReason
from tests.corpus import exif, raw, tiff_writer
from tests.corpus.reading import CountedFile
from tests.corpus.tiff import page
from tests.corpus.tiff_writer import ascii_, byte, child, long, short, tiff, undefined

DATA = bytes(700_000)
MAKES = {make.__name__: make for make in (raw.dng, raw.cr2, raw.nef, raw.arw, raw.pef, raw.srw, raw.orf, raw.rw2)}
MAKES |= {"raf": raw.raf, "cr3": raw.cr3}


def read(data):
    return CountedFile(data).header("a")


@pytest.mark.parametrize("name", MAKES)
def test_a_raw_file_of_any_size_costs_three_requests_and_64_kibibytes_at_most(name):
    file = CountedFile(MAKES[name](data=DATA))
    header = file.header("a")
    assert (header.format, header.width, header.height) == (name.upper(), raw.WIDTH, raw.HEIGHT)
    assert (header.camera_model, header.taken_at) == ("KX-100", "2023-12-31T23:59:58.125")
    assert file.requests <= 3
    assert file.fetched <= 64 * 1024


def scattered(gap):
    """A DNG with ``gap`` bytes between every two of its directories."""
    filler = undefined(bytes(gap))
    camera = {**raw.camera("Kodalux"), 330: child({**raw.preview(), 65000: filler}, {**raw.picture(), 65000: filler})}
    located = {**camera, exif.GPS_IFD: child({**exif.GPS, 65000: filler})}
    return tiff({**raw.preview(), **located, 50706: byte(1, 4, 0, 0), 65000: filler})


@pytest.mark.parametrize("gap", [1000, 20_000, 200_000])
def test_directories_far_apart_are_read_as_far_as_three_requests_go(gap):
    file = CountedFile(scattered(gap))
    assert file.header("a").format == "DNG"
    assert file.requests <= 3
    assert file.fetched <= 64 * 1024


def test_without_a_picture_of_full_resolution_the_first_one_counts():
    header = read(tiff({**raw.preview((5, 4)), 330: child(raw.preview((9, 8))), 50706: byte(1, 4, 0, 0)}))
    assert (header.width, header.height) == (5, 4)


def test_the_first_picture_of_full_resolution_counts():
    others = child(raw.preview(), raw.picture(size=(70, 50)), raw.picture(size=(7000, 5000)))
    assert read(tiff({**raw.preview(), 330: others, 50706: byte(1, 4, 0, 0)})).width == 70


def test_orientation_turns_what_is_shown_and_not_what_is_stored():
    turned = {**raw.preview(), 274: short(8), 330: child(raw.picture()), 50706: byte(1, 4, 0, 0)}
    header = read(tiff(turned))
    assert (header.width, header.display_width, header.orientation) == (raw.WIDTH, raw.HEIGHT, 8)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        ("NIKON", "NEF"),
        ("Sony", "ARW"),
        ("PENTAX", "PEF"),
        ("RICOH IMAGING COMPANY, LTD.", "PEF"),
        ("SAMSUNG TECHWIN", "SRW"),
        ("Kodalux", "TIFF"),
    ],
)
def test_the_maker_of_sensor_data_tells_the_format(make, expected):
    header = read(tiff({**raw.preview(), 271: ascii_(make), 330: child(raw.picture())}))
    assert (header.format, header.width) == (expected, raw.WIDTH)


@pytest.mark.parametrize("make", ["NIKON CORPORATION", "SONY", "Canon"])
def test_a_tiff_that_a_camera_maker_wrote_is_a_tiff(make):
    smaller = {**page((8,), 1), 254: long(1)}
    header = read(tiff({**page(), 271: ascii_(make), 330: child(smaller)}))
    assert (header.format, header.color_mode) == ("TIFF", "RGB")
    assert read(tiff({**page(), 254: long(1), 271: ascii_(make), 330: child(page())})).format == "TIFF"


def test_a_preview_that_is_no_raw_file_keeps_its_far_values():
    bits = tiff_writer.Entry(3, (16, 16, 16))
    smaller = {**page((8,), 1), 65000: undefined(bytes(400_000))}
    header = read(tiff({**page(), 254: long(1), 258: bits, 330: child(smaller), 65001: undefined(bytes(90_000))}))
    assert (header.format, header.bit_depth) == ("TIFF", 16)


def test_what_stands_just_before_a_far_directory_is_fetched_with_it():
    lens = {exif.EXIF_IFD: child({exif.LENS: ascii_("KX 35mm F2 with a long name")}), 50706: byte(1, 4, 0, 0)}
    file = CountedFile(tiff({**raw.preview(data=DATA), 330: child(raw.picture(data=DATA)), **lens}))
    assert file.header("a").lens_model == "KX 35mm F2 with a long name"
    assert file.requests <= 3


def test_a_tiff_of_many_sub_directories_costs_no_further_request():
    levels = [{**page((8,), 1), 65000: undefined(bytes(9000))} for _ in range(16)]
    file = CountedFile(tiff({**page(), 330: child(*levels)}, directory_first=True))
    assert file.header("a").format == "TIFF"
    assert file.requests == 1


def test_sensor_data_in_the_main_directory_needs_no_sub_directory():
    assert read(raw.dng_of_a_phone()).bit_depth == 12


def test_a_cr2_without_the_size_of_its_pixels_has_that_of_its_main_directory():
    data = tiff({**raw.picture(size=(300, 200), subfile_type=None)}, after_header=b"CR\2\0" + bytes(4))
    assert (read(data).format, read(data).width) == ("CR2", 300)


def test_the_lens_of_an_old_canon_is_read_from_its_maker_note():
    lens = b"KX 50mm f/1.2\0"
    mark = b"CR\2\0" + bytes(4)
    note = struct.pack("<HHHII4x", 1, 0x0095, 2, len(lens), 8 + len(mark)) + bytes(100)
    main = {**raw.picture(subfile_type=None), exif.EXIF_IFD: child({exif.MAKER_NOTE: undefined(note)})}
    assert read(tiff(main, after_header=mark + lens)).lens_model == "KX 50mm f/1.2"
    assert read(tiff(main, after_header=bytes(8) + lens)).lens_model is None


def test_an_rw2_without_borders_has_the_size_of_its_sensor():
    whole = tiff({2: short(4060), 3: short(3016), 271: ascii_("Panasonic")})
    assert (read(b"IIU\0" + whole[4:]).width, read(b"IIU\0" + whole[4:]).height) == (4060, 3016)


def test_a_cr3_without_a_size_has_that_of_its_track():
    assert (read(raw.cr3(sized=False)).width, read(raw.cr3(sized=False)).height) == (raw.WIDTH, raw.HEIGHT)


def test_a_cr3_says_where_the_photo_was_taken():
    header = read(raw.cr3())
    assert (header.latitude, header.longitude) == pytest.approx(
        (exif.LOCATED_TRUTH["latitude"], exif.LOCATED_TRUTH["longitude"])
    )


def rejection(data):
    with pytest.raises(HeaderRejectedError) as caught:
        read(data)
    return caught.value


def test_raw_video_of_canon_is_named():
    found = rejection(raw.cr3(compressor=b"CanonCRM0001/02.09.00/00.00.00"))
    assert found.reason == RejectionReason.UNSUPPORTED_FORMAT
    assert found.detail.endswith("a Canon raw video")


DAMAGED = {
    "dng without a size": tiff({271: ascii_("Kodalux"), 50706: byte(1, 4, 0, 0)}),
    "orf without a size": b"IIRO" + tiff({271: ascii_("OLYMPUS")})[4:],
    "rw2 without a size": b"IIU\0" + tiff({271: ascii_("Panasonic")})[4:],
    "cut orf": b"IIRO\x08",
    "cut rw2": b"IIU\0",
    "cr3 without a movie": raw.cr3().replace(b"moov", b"free"),
    "cr3 without tracks": raw.cr3(sized=False).replace(b"trak", b"free"),
    "cut raf": raw.raf()[:90],
    "raf without a size": raw.raf().replace(struct.pack(">HH", 0x0111, 4), struct.pack(">HH", 0x0119, 4)),
    "raf of endless tags": raw.raf().replace(struct.pack(">IHH", 4, 0x0100, 4), struct.pack(">IHH", 2**32 - 1, 1, 0)),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_raw_file_without_its_size_is_corrupt(data):
    assert rejection(data).reason == RejectionReason.CORRUPT


def test_sub_directories_that_point_at_themselves_end():
    data = bytearray(tiff({**raw.preview(), 330: child(raw.picture()), 50706: byte(1, 4, 0, 0)}, directory_first=True))
    entry = data.index(struct.pack("<HHI", 330, 4, 1))
    struct.pack_into("<I", data, entry + 8, 8)
    assert read(bytes(data)).width == raw.PREVIEW_WIDTH


def test_a_thousand_sub_directories_are_not_all_visited():
    many = tiff_writer.Entry(4, children=[raw.preview((9, 9))] * 1000)
    file = CountedFile(tiff({**raw.preview(), 330: many, 50706: byte(1, 4, 0, 0)}))
    assert file.header("a").width == raw.PREVIEW_WIDTH
    assert (file.requests <= 3, file.reads < 300) == (True, True)


@pytest.mark.parametrize(
    ("file_format", "declared"),
    [
        ("DNG", "image/x-adobe-dng"),
        ("CR2", "image/x-canon-cr2"),
        ("CR3", "image/x-canon-cr3"),
        ("NEF", "image/x-nikon-nef"),
        ("ARW", "image/x-sony-arw"),
        ("PEF", "image/x-pentax-pef"),
        ("SRW", "image/x-samsung-srw"),
        ("ORF", "image/x-olympus-orf"),
        ("RW2", "image/x-panasonic-rw2"),
        ("RAF", "image/x-fuji-raf"),
        ("RAF", "image/x-fujifilm-raf"),
        ("JXL", "image/jxl"),
    ],
)
def test_a_raw_format_may_be_declared_under_its_own_name(file_format, declared):
    assert declared in MEDIA_TYPES[file_format]
    assert declared not in MEDIA_TYPES["TIFF"]
