"""EXIF: what the camera says, cleaned; a damaged value is absent and never rejects the image."""

import struct

import pytest

from image_metadata.headers.embedded.sources import Rank, Source
from image_metadata.headers.exif.fields import read_exif_bytes
from image_metadata.headers.exif.ifd import MOST_ENTRIES
from image_metadata.model import EmbeddedMetadata
from tests.corpus import exif
from tests.corpus.tiff_writer import (
    Entry,
    ascii_,
    byte,
    child,
    double,
    float_,
    long,
    rational,
    short,
    srational,
    tiff,
    undefined,
)
from tests.image_metadata.headers.merging import merge

ORIGINAL, DIGITIZED, MODIFIED = 0x9003, 0x9004, 0x0132
SUBSECONDS, OFFSET = 0x9291, 0x9011
DATE, LATER = ascii_("2024:05:06 07:08:09"), ascii_("2025:01:01 01:01:01")
GPS = {1: ascii_("N"), 2: rational((48, 1), (30, 1), (36, 1)), 3: ascii_("E"), 4: rational((11, 1), (15, 1), (0, 1))}


def read(main=None, exif_ifd=None, gps=None, **options):
    directory = dict(main or {})
    if exif_ifd:
        directory[0x8769] = child(exif_ifd)
    if gps:
        directory[0x8825] = child(gps)
    return merge(read_exif_bytes(tiff(directory, **options)))


@pytest.mark.parametrize("options", [{"order": ">"}, {"big": True}, {"directory_first": True}], ids=str)
def test_every_layout_of_the_structure_is_read(options):
    header = read({0x0112: short(6), 0x010F: ascii_("Kodalux")}, {ORIGINAL: DATE}, **options)
    assert (header.orientation, header.camera_make, header.taken_at) == (6, "Kodalux", "2024-05-06T07:08:09.000")


@pytest.mark.parametrize(("tag", "field"), [(0x010F, "camera_make"), (0x0110, "camera_model"), (0xA434, "lens_model")])
@pytest.mark.parametrize("blank", [None, ascii_(""), ascii_("   "), ascii_("\0\0\0")], ids=str)
def test_a_name_is_read_from_the_directory_that_has_one(tag, field, blank):
    named, empty = {tag: ascii_("Kodalux")}, {tag: blank} if blank else {}
    assert getattr(read(named, empty), field) == "Kodalux"
    assert getattr(read(empty, named), field) == "Kodalux"


def test_the_original_date_wins_over_digitization_and_digitization_over_modification():
    exif_ifd = {ORIGINAL: ascii_("2001:01:01 01:01:01"), DIGITIZED: ascii_("2002:02:02 02:02:02")}
    main = {MODIFIED: ascii_("2003:03:03 03:03:03")}
    assert read(main, exif_ifd).taken_at == "2001-01-01T01:01:01.000"
    assert read(main, {DIGITIZED: exif_ifd[DIGITIZED]}).taken_at == "2002-02-02T02:02:02.000"
    assert read(main).taken_at == "2003-03-03T03:03:03.000"


@pytest.mark.parametrize("blank", ["0000:00:00 00:00:00", "    :  :     :  :  ", " ", "", "0000:01:01 00:00:00"])
def test_a_date_that_was_never_set_gives_way_to_the_next(blank):
    assert read({MODIFIED: DATE}, {ORIGINAL: ascii_(blank)}).taken_at == "2024-05-06T07:08:09.000"
    assert read({ORIGINAL: DATE, MODIFIED: LATER}, {ORIGINAL: ascii_(blank)}).taken_at == "2024-05-06T07:08:09.000"


@pytest.mark.parametrize("date", ["2024:02:30 10:00:00", "2016:12:31", "yesterday"])
def test_an_unreadable_camera_date_is_not_replaced_by_the_modification_date(date):
    assert read({MODIFIED: LATER}, {ORIGINAL: ascii_(date)}).taken_at is None


def test_a_day_without_a_time_is_completed_only_by_a_date_on_that_day():
    day = {ORIGINAL: ascii_("2024:05:06")}
    assert read({}, {**day, DIGITIZED: DATE}).taken_at == "2024-05-06T07:08:09.000"
    assert read({}, {**day, DIGITIZED: LATER}).taken_at is None
    assert read({}, {ORIGINAL: ascii_("illegible"), DIGITIZED: DATE}).taken_at == "2024-05-06T07:08:09.000"


@pytest.mark.parametrize(
    ("subseconds", "milliseconds"),
    [("5", "500"), ("05", "050"), ("123456", "123"), ("  ", "000"), ("x1", "000"), ("12 ", "120"), (".25", "250")],
)
def test_subseconds_are_digits_after_the_decimal_point(subseconds, milliseconds):
    header = read({}, {ORIGINAL: DATE, SUBSECONDS: ascii_(subseconds)})
    assert header.taken_at == f"2024-05-06T07:08:09.{milliseconds}"


def test_fraction_and_zone_in_the_date_win_over_their_own_fields():
    beside = {SUBSECONDS: ascii_("111"), OFFSET: ascii_("-05:00")}
    header = read({}, {ORIGINAL: ascii_("2024:05:06 07:08:09.567+02:00"), **beside})
    assert (header.taken_at, header.taken_at_offset) == ("2024-05-06T07:08:09.567", "+02:00")


@pytest.mark.parametrize(("text", "offset"), [("-0300", "-03:00"), ("Z", "+00:00"), ("+99:00", None), ("   :  ", None)])
def test_the_offset_of_the_date_is_read(text, offset):
    assert read({}, {ORIGINAL: DATE, OFFSET: ascii_(text)}).taken_at_offset == offset


def test_the_offset_of_another_date_is_not_taken():
    assert read({}, {ORIGINAL: DATE, 0x9012: ascii_("+02:00")}).taken_at_offset is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (ascii_("Canon   "), "Canon"),
        (ascii_("  \t "), None),
        (ascii_("Kodalux\0garbage"), "Kodalux"),
        (ascii_("a\r\nb\x1b[31m"), "a  b [31m"),
        (ascii_("Фотоаппарат"), "Фотоаппарат"),
        (ascii_("小" * 110), "小" * 80),
        (ascii_(" " * 300 + "Kodalux"), "Kodalux"),
        (Entry(2, "😀".encode() * 300), "😀" * 80),
        (Entry(2, b"Kodalux \xe5\xb0"), "Kodalux"),
        (undefined(b"L\xe4ngs"), "Längs"),
        (ascii_("m" * 500), "m" * 80),
        (byte(*b"bytes"), "bytes"),
        (short(65, 66), None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_name_is_one_short_printable_line(written, expected):
    header = read({0x010F: written, 0x0110: written}, {0xA434: written})
    assert header == EmbeddedMetadata(camera_make=expected, camera_model=expected, lens_model=expected)


@pytest.mark.parametrize(
    ("value", "orientation"),
    [(short(1), 1), (short(8), 8), (short(0), None), (short(9), None), (byte(6), 6), (long(3), 3)],
)
def test_an_orientation_is_one_of_eight(value, orientation):
    assert read({0x0112: value}).orientation == orientation


def test_coordinates_are_decimal_degrees_north_and_east():
    header = read(gps=GPS)
    assert (header.latitude, header.longitude) == pytest.approx((48.51, 11.25))
    south_west = read(gps={**GPS, 1: ascii_("S"), 3: ascii_("west")})
    assert (south_west.latitude, south_west.longitude) == pytest.approx((-48.51, -11.25))


NUMBER_TYPES = {
    "signed rationals": srational((-48, 1), (-30, 1), (-36, 1)),
    "rationals with one sign": srational((-48, 1), (30, 1), (36, 1)),
    "double": double(48.51),
    "doubles": double(48, 30.6),
    "float": float_(48.51),
    "text": ascii_("48.51"),
    "text with three numbers": ascii_("48 30 36"),
    "text with fractions": ascii_("48/1,30/1,3600/100"),
    "short": short(48, 30, 36),
}


@pytest.mark.parametrize("latitude", NUMBER_TYPES.values(), ids=NUMBER_TYPES)
def test_the_reference_gives_the_sign_to_numbers_of_every_type(latitude):
    assert read(gps={**GPS, 2: latitude}).latitude == pytest.approx(48.51)
    assert read(gps={**GPS, 1: ascii_("S"), 2: latitude}).latitude == pytest.approx(-48.51)


def test_signs_count_where_there_are_no_references():
    signed = {2: double(-36.5), 4: double(174.25)}
    assert (read(gps=signed).latitude, read(gps=signed).longitude) == (-36.5, 174.25)


@pytest.mark.parametrize(
    "damaged",
    [
        {1: ascii_("?")},
        {1: ascii_("E")},
        {2: rational((48, 0), (30, 1), (36, 1))},
        {2: rational((91, 1), (0, 1), (0, 1))},
        {4: rational((181, 1))},
        {4: double(float("nan"))},
        {4: double(float("inf"))},
        {4: ascii_("nowhere")},
        {1: ascii_(""), 3: ascii_("")},
    ],
    ids=str,
)
def test_one_valid_coordinate_without_the_other_gives_no_location(damaged):
    header = read(gps={**GPS, **damaged})
    assert (header.latitude, header.longitude) == (None, None)


@pytest.mark.parametrize("block", [b"", b"Exif\0\0", b"II", b"II*\0\xff\xff\xff\xff", b"garbage", b"MM\0*" + bytes(4)])
def test_a_damaged_block_gives_no_metadata(block):
    assert read_exif_bytes(block) == Source(rank=Rank.EXIF)


@pytest.mark.parametrize("identifier", [b"Exif\0\0", b"Exif\0\xff"])
def test_an_identifier_before_the_structure_is_skipped(identifier):
    assert read_exif_bytes(identifier + exif.turned(6)).orientation == 6


def test_a_directory_that_points_at_itself_ends():
    looped = struct.pack("<2sHIHHHIIHHIII", b"II", 42, 8, 2, 0x8769, 4, 1, 8, 0x0112, 3, 1, 6, 8)
    assert read_exif_bytes(looped).orientation == 6


@pytest.mark.parametrize("count", [2**32 - 1, 2**31, 1000])
def test_a_field_that_reaches_past_the_block_is_absent(count):
    block = struct.pack("<2sHIHHHIIHHIII", b"II", 42, 8, 2, 0x010F, 2, count, 8, 0x0112, 3, 1, 6, 0)
    header = read_exif_bytes(block)
    assert (header.camera.make, header.orientation) == (None, 6)


def test_directory_entries_are_read_up_to_a_limit():
    def with_orientation_after(entries):
        head = struct.pack("<2sHIH", b"II", 42, 8, entries + 1) + struct.pack("<HHII", 1, 3, 1, 0) * entries
        return read_exif_bytes(head + struct.pack("<HHIII", 0x0112, 3, 1, 6, 0)).orientation

    assert (with_orientation_after(MOST_ENTRIES - 1), with_orientation_after(MOST_ENTRIES)) == (6, None)
