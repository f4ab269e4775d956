"""EXIF: what the camera says, cleaned; what is broken is absent and never spoils the image."""

import struct

import pytest

from image_metadata.headers.exif.fields import NO_METADATA, read_exif_bytes
from tests.corpus import exif
from tests.corpus.tiff_writer import byte, child, long, rational, short, text, tiff, undefined

ORIGINAL, DIGITIZED, CHANGED = 0x9003, 0x9004, 0x0132
NORTH_EAST = {1: text("N"), 2: rational((48, 1), (30, 1), (36, 1)), 3: text("E"), 4: rational((11, 1), (15, 1), (0, 1))}


def read(main=None, camera=None, gps=None, **options):
    directory = dict(main or {})
    if camera:
        directory[0x8769] = child(camera)
    if gps:
        directory[0x8825] = child(gps)
    return read_exif_bytes(tiff(directory, **options))


@pytest.mark.parametrize("options", [{"order": ">"}, {"big": True}, {"directory_first": True}], ids=str)
def test_every_layout_says_the_same(options):
    found = read({0x0112: short(6), 0x010F: text("Kodalux")}, {ORIGINAL: text("2024:05:06 07:08:09")}, **options)
    assert (found.orientation, found.camera_make, found.taken_at) == (6, "Kodalux", "2024-05-06T07:08:09.000")


@pytest.mark.parametrize(("tag", "field"), [(0x010F, "camera_make"), (0x0110, "camera_model"), (0xA434, "lens_model")])
def test_a_name_in_the_wrong_directory_is_found(tag, field):
    assert getattr(read({tag: text("Kodalux")}), field) == "Kodalux"
    assert getattr(read({}, {tag: text("Kodalux")}), field) == "Kodalux"


def test_the_moment_of_the_shutter_comes_before_scanning_and_saving():
    dates = {ORIGINAL: text("2001:01:01 01:01:01"), DIGITIZED: text("2002:02:02 02:02:02")}
    changed = {CHANGED: text("2003:03:03 03:03:03")}
    assert read(changed, dates).taken_at == "2001-01-01T01:01:01.000"
    assert read(changed, {DIGITIZED: dates[DIGITIZED]}).taken_at == "2002-02-02T02:02:02.000"
    assert read(changed).taken_at == "2003-03-03T03:03:03.000"


def test_a_date_that_was_never_set_gives_way_to_the_next():
    found = read({CHANGED: text("2003:03:03 03:03:03")}, {ORIGINAL: text("0000:00:00 00:00:00")})
    assert found.taken_at == "2003-03-03T03:03:03.000"


@pytest.mark.parametrize(
    "date",
    ["", "    :  :     :  :  ", "2024:13:01 00:00:00", "2024:02:30 00:00:00", "2024:01:01 24:00:60", "yesterday"],
)
def test_a_date_that_is_none_is_absent(date):
    assert read({}, {ORIGINAL: text(date)}).taken_at is None


@pytest.mark.parametrize("date", ["2024-05-06 07:08:09", "2024/05/06 07:08:09", "2024:05:06T07:08:09Z"])
def test_dates_of_careless_writers_are_understood(date):
    assert read({CHANGED: text(date)}).taken_at == "2024-05-06T07:08:09.000"


@pytest.mark.parametrize(
    ("fraction", "milliseconds"), [("5", "500"), ("05", "050"), ("123456", "123"), ("  ", "000"), ("x1", "000")]
)
def test_fractions_of_a_second_are_digits_behind_the_point(fraction, milliseconds):
    found = read({}, {ORIGINAL: text("2024:05:06 07:08:09"), 0x9291: text(fraction)})
    assert found.taken_at == f"2024-05-06T07:08:09.{milliseconds}"


@pytest.mark.parametrize(
    ("said", "offset"),
    [("+02:00", "+02:00"), ("-09:30", "-09:30"), ("Z", "+00:00"), ("+99:00", None), ("   :  ", None)],
)
def test_the_offset_is_told_where_it_is_one(said, offset):
    assert read({}, {ORIGINAL: text("2024:05:06 07:08:09"), 0x9011: text(said)}).taken_at_offset == offset


def test_the_offset_of_another_date_is_not_taken():
    assert read({}, {ORIGINAL: text("2024:05:06 07:08:09"), 0x9012: text("+02:00")}).taken_at_offset is None


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (text("Canon   "), "Canon"),
        (text("  \t "), None),
        (text("Kodalux\0garbage"), "Kodalux"),
        (text("a\r\nb\x1b[31m"), "a  b [31m"),
        (text("Фотоаппарат"), "Фотоаппарат"),
        (undefined(b"L\xe4ngs"), "Längs"),
        (text("m" * 500), "m" * 80),
        (byte(*b"bytes"), "bytes"),
        (short(65, 66), None),
    ],
    ids=str,
)
def test_a_name_is_one_short_printable_line(written, read_as):
    assert read({0x010F: written, 0x0110: written}, {0xA434: written}) == read_exif_bytes(tiff({})).__class__(
        camera_make=read_as, camera_model=read_as, lens_model=read_as
    )


@pytest.mark.parametrize(
    ("value", "turn"), [(short(1), 1), (short(8), 8), (short(0), None), (short(9), None), (byte(6), 6), (long(3), 3)]
)
def test_an_orientation_is_one_of_eight(value, turn):
    assert read({0x0112: value}).orientation == turn


def test_the_place_is_in_degrees_north_and_east():
    found = read(gps=NORTH_EAST)
    assert (found.latitude, found.longitude) == pytest.approx((48.51, 11.25))
    south_west = read(gps={**NORTH_EAST, 1: text("S"), 3: text("W")})
    assert (south_west.latitude, south_west.longitude) == pytest.approx((-48.51, -11.25))


@pytest.mark.parametrize(
    "broken",
    [
        {1: text("?")},
        {2: rational((48, 0), (30, 1), (36, 1))},
        {2: rational((91, 1), (0, 1), (0, 1))},
        {4: rational((181, 1))},
        {4: short(11)},
    ],
    ids=["hemisphere", "nothing by nothing", "past the pole", "past the date line", "type"],
)
def test_a_place_that_is_none_is_absent_altogether(broken):
    found = read(gps={**NORTH_EAST, **broken})
    assert (found.latitude, found.longitude) == (None, None)


@pytest.mark.parametrize("blob", [b"", b"Exif\0\0", b"II", b"II*\0\xff\xff\xff\xff", b"garbage", b"MM\0*" + bytes(4)])
def test_a_broken_block_says_nothing(blob):
    assert read_exif_bytes(blob) == NO_METADATA


def test_a_leading_name_is_skipped():
    assert read_exif_bytes(b"Exif\0\0" + exif.turned(6)).orientation == 6


def test_directories_that_point_at_themselves_end():
    looped = struct.pack("<2sHIHHHIIHHIII", b"II", 42, 8, 2, 0x8769, 4, 1, 8, 0x0112, 3, 1, 6, 8)
    assert read_exif_bytes(looped).orientation == 6


@pytest.mark.parametrize("count", [2**32 - 1, 2**31, 1000])
def test_a_count_past_the_block_makes_its_field_absent(count):
    lying = struct.pack("<2sHIHHHIIHHIII", b"II", 42, 8, 2, 0x010F, 2, count, 8, 0x0112, 3, 1, 6, 0)
    found = read_exif_bytes(lying)
    assert (found.camera_make, found.orientation) == (None, 6)
