"""PNG: the header chunk and the chunks before the pixels, skipped without reading their data."""

import struct
import tracemalloc
import zlib

import pytest

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers.png import MOST_CHUNKS
from image_metadata.headers.png_metadata import MOST_PLAIN_TEXTS, MOST_PROFILES
from image_metadata.model import RejectionReason
from tests.corpus import editors, exif
from tests.corpus.png import chunk, exif_as_text, insert, png
from tests.corpus.reading import CountedFile
from tests.corpus.sample import HEIGHT, WIDTH

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def ihdr(depth=8, color=2, filtering=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", 7, 5, depth, color, 0, filtering, 0))


def file(*chunks):
    return SIGNATURE + b"".join(chunks) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def text_chunk(kind, keyword, text, *, compressed=False):
    """A text chunk; ``iTXt`` may be compressed, ``zTXt`` always is."""
    if kind == b"iTXt":
        body = zlib.compress(text) if compressed else text
        return chunk(kind, keyword + b"\0" + bytes([compressed, 0]) + b"en\0\0" + body)
    return chunk(kind, keyword + b"\0" + (b"\0" + zlib.compress(text) if kind == b"zTXt" else text))


def profile(name, data, *, compressed=False):
    digits = data.hex().encode()
    text = b"\n%s\n%8d\n%s\n" % (name, len(data), digits)
    return text_chunk(b"zTXt" if compressed else b"tEXt", b"Raw profile type " + name, text)


def xmp_chunk(properties, *, compressed=False, **options):
    return text_chunk(b"iTXt", b"XML:com.adobe.xmp", editors.xmp(properties, **options), compressed=compressed)


def xmp_profile(properties, *, compressed=False):
    return profile(b"xmp", editors.xmp(properties), compressed=compressed)


def read(data):
    return CountedFile(data).header("a.png")


@pytest.mark.parametrize("name", [b"iCCP", b"iTXt", b"zzZz"])
def test_a_chunk_of_half_a_megabyte_costs_one_more_request(name):
    measured = CountedFile(insert(png(), chunk(name, bytes(500_000)), chunk(b"eXIf", exif.turned(6))))
    header = measured.header("a.png")
    assert (header.width, header.height, header.orientation) == (WIDTH, HEIGHT, 6)
    assert (header.display_width, header.display_height) == (HEIGHT, WIDTH)
    assert measured.requests == 2
    assert measured.fetched <= 36 * 1024


@pytest.mark.parametrize("name", [b"CgBI", b"tEXt"])
def test_another_chunk_may_come_first_as_in_iphone_apps(name):
    assert read(file(chunk(name, bytes(4)), ihdr())).width == 7


@pytest.mark.parametrize(
    ("depth", "color", "mode"),
    [(1, 0, "1"), (16, 0, "I;16"), (2, 3, "P"), (8, 4, "LA"), (16, 4, "RGBA"), (16, 2, "RGB"), (16, 6, "RGBA")],
)
def test_bit_depth_and_color_type_give_pillows_mode(depth, color, mode):
    header = read(file(ihdr(depth, color)))
    assert (header.color_mode, header.bit_depth, header.has_alpha) == (mode, depth, color in (4, 6))


def test_a_transparent_color_is_alpha():
    assert read(file(ihdr(), chunk(b"tRNS", bytes(6)))).has_alpha


@pytest.mark.parametrize(("said", "expected"), [(24, 24), (2**31 - 1, 2**31 - 1), (0, 1), (2**31, 1)])
def test_the_animation_control_chunk_gives_the_frame_count(said, expected):
    assert read(file(ihdr(), chunk(b"acTL", struct.pack(">II", said, 0)))).frame_count == expected
    assert read(file(ihdr())).frame_count == 1


DAMAGED = {
    "checksum": file(ihdr()).replace(ihdr()[-4:], b"oops"),
    "color type": file(ihdr(color=5)),
    "depth": file(ihdr(depth=3)),
    "filter": file(ihdr(filtering=1)),
    "missing": file(),
    "cut": file(ihdr())[:30],
    "cut before the pixels": SIGNATURE + ihdr(),
    "chunk name": file(ihdr(), chunk(b"\0\0\0\0", b"")),
    "chunk past the end": SIGNATURE + ihdr() + struct.pack(">I4s", 2**32 - 1, b"iCCP") + bytes(100),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_header_is_corrupt(data):
    with pytest.raises(HeaderRejectedError) as caught:
        read(data)
    assert caught.value.reason == RejectionReason.CORRUPT


def test_damage_after_the_header_is_ignored():
    assert read(SIGNATURE + ihdr() + chunk(b"IDAT", b"") + b"\0" * 50).width == 7


def test_exif_after_the_pixels_is_read_if_already_fetched():
    behind = SIGNATURE + ihdr() + chunk(b"IDAT", b"%s") + chunk(b"eXIf", exif.turned(3)) + chunk(b"IEND", b"")
    far = SIGNATURE + ihdr() + chunk(b"IDAT", bytes(50_000)) + chunk(b"eXIf", exif.turned(3)) + chunk(b"IEND", b"")
    assert (read(behind).orientation, read(far).orientation) == (3, None)


@pytest.mark.parametrize("profile", [b"exif", b"APP1"])
@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt"])
def test_exif_in_text_is_read_if_already_fetched(kind, profile):
    text = exif_as_text(kind, exif.turned(6), profile)
    for data in (insert(png(), text), png()[:-12] + text + png()[-12:]):
        measured = CountedFile(insert(data, chunk(b"tEXt", b"Comment\0hello")))
        assert measured.header("a.png").orientation == 6
        assert measured.requests == 1


def test_an_exif_chunk_wins_over_exif_in_text():
    data = insert(png(), exif_as_text(b"zTXt", exif.turned(6)), chunk(b"eXIf", exif.turned(3)))
    assert read(data).orientation == 3


@pytest.mark.parametrize("has_date", [True, False])
def test_a_text_that_costs_a_request_is_read_only_if_exif_has_no_camera_date(has_date):
    packet = xmp_chunk(editors.XMP_PROPERTIES, padding=40_000)
    block = chunk(b"eXIf", exif.camera() if has_date else exif.turned(6))
    far = [CountedFile(insert(png(), block, chunk(b"iCCP", bytes(500_000)), text)) for text in (packet, b"")]
    taken_at = exif.CAMERA_TRUTH["taken_at"] if has_date else editors.XMP_TRUTH["taken_at"]
    assert far[0].header("a.png").taken_at == taken_at
    far[1].header("a.png")
    # One request to step over the packet, and one to read it.
    assert far[0].requests - far[1].requests == (1 if has_date else 2)


def test_only_one_text_is_fetched():
    first = exif_as_text(b"tEXt", exif.turned(6) + bytes(5000))
    packets = [xmp_chunk({"tiff:Orientation": "8"}, padding=10_000)] * 10
    measured = CountedFile(insert(png(), chunk(b"iCCP", bytes(500_000)), first, *packets))
    assert measured.header("a.png").orientation == 6
    assert measured.fetched < 200_000


@pytest.mark.parametrize("make", [xmp_chunk, xmp_profile], ids=["iTXt", "raw profile"])
@pytest.mark.parametrize("compressed", [False, True])
def test_an_xmp_packet_is_read_in_every_kind_of_text(make, compressed):
    header = read(insert(png(), make(editors.XMP_PROPERTIES, compressed=compressed)))
    assert {name: getattr(header, name) for name in editors.XMP_TRUTH} == editors.XMP_TRUTH


def test_a_profile_that_is_xmp_does_not_hide_one_that_is_exif():
    xmp = profile(b"APP1", b"http://ns.adobe.com/xap/1.0/\0" + editors.xmp({"tiff:Orientation": "8"}))
    header = read(insert(png(), xmp, exif_as_text(b"zTXt", exif.camera(orientation=6), b"APP1")))
    assert (header.orientation, header.taken_at) == (6, exif.CAMERA_TRUTH["taken_at"])


@pytest.mark.parametrize("name", [b"iptc", b"8bim"])
@pytest.mark.parametrize("block", [editors.iptc(), editors.resources(editors.iptc())], ids=["IPTC", "resources"])
def test_a_raw_profile_of_iptc_is_read(name, block):
    assert read(insert(png(), profile(name, block))).taken_at == editors.IPTC_TRUTH["taken_at"]


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
def test_the_creation_time_is_when_the_photo_was_taken(kind):
    header = read(insert(png(), text_chunk(kind, b"Creation Time", b"Thu, 06 May 2021 07:08:09 +0200")))
    assert (header.taken_at, header.taken_at_offset) == ("2021-05-06T07:08:09.000", "+02:00")


def test_text_adds_what_the_other_sources_lack():
    texts = [
        (b"creation time", b"2021:05:06 07:08:09"),
        (b"Make", b"Kodalux"),
        (b"Model", b"KX-100"),
        (b"Source", b"x"),
    ]
    text = [text_chunk(b"tEXt", *each) for each in texts]
    header = read(insert(png(), *text))
    assert (header.taken_at, header.camera_make, header.camera_model) == (
        "2021-05-06T07:08:09.000",
        "Kodalux",
        "KX-100",
    )
    over = read(insert(png(), *text, xmp_chunk({"xmp:CreateDate": "2020-01-01T00:00:00", "tiff:Model": "Other"})))
    assert (over.taken_at, over.camera_make, over.camera_model) == ("2021-05-06T07:08:09.000", None, "Other")


def test_chunks_are_read_up_to_a_limit():
    filler = chunk(b"zzZz", b"")
    assert read(file(ihdr(), *[filler] * (MOST_CHUNKS - 2))).width == 7
    with pytest.raises(HeaderRejectedError) as caught:
        read(file(ihdr(), *[filler] * MOST_CHUNKS))
    assert caught.value.reason == RejectionReason.HEADER_TOO_LARGE


def test_profiles_are_read_up_to_a_limit():
    filler, last = profile(b"xmp", b""), exif_as_text(b"zTXt", exif.turned(6))
    assert read(file(ihdr(), *[filler] * (MOST_PROFILES - 1), last)).orientation == 6
    assert read(file(ihdr(), *[filler] * MOST_PROFILES, last)).orientation is None


def test_texts_are_read_up_to_a_limit():
    filler, last = text_chunk(b"tEXt", b"Make", b" "), text_chunk(b"tEXt", b"Model", b"KX-100")
    assert read(file(ihdr(), *[filler] * (MOST_PLAIN_TEXTS - 1), last)).camera_model == "KX-100"
    assert read(file(ihdr(), *[filler] * MOST_PLAIN_TEXTS, last)).camera_model is None


EXIF = exif_as_text(b"tEXt", exif.turned(6))[8:-4]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"tEXt", EXIF[:-2]),
        (b"tEXt", EXIF[:-2] + b"\0"),
        (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(EXIF[22:])[:-4]),
    ],
    ids=["cut", "bytes behind it", "checksum cut"],
)
def test_truncated_exif_in_text_is_read_up_to_the_cut(kind, body):
    assert read(insert(png(), chunk(kind, body))).orientation == 6


@pytest.mark.parametrize("body", [b"", b"\n", b"\nexif\n", b"\nexif\nmany\n4d4d", b"\nexif\n 8\n4", b"\nexif\n 8\nno"])
@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt"])
def test_damaged_exif_in_text_does_not_reject_the_image(kind, body):
    header = read(insert(png(), chunk(kind, b"Raw profile type exif\0" + body)))
    assert (header.width, header.orientation) == (WIDTH, None)


def test_only_the_beginning_of_a_large_text_is_decompressed():
    swollen = b"Raw profile type exif\0\0" + zlib.compress(EXIF[22:] + b"0" * 20_000_000)
    tracemalloc.start()
    assert read(insert(png(), chunk(b"zTXt", swollen))).orientation == 6
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
