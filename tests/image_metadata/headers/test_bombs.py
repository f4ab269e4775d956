"""Files made to exhaust a reader: loops, endless lists, false sizes, and data that unpacks to gigabytes."""

import struct
import tracemalloc
import zlib

import pytest

from image_metadata.errors import HeaderRejectedError
from image_metadata.model import RejectionReason
from tests.corpus import isobmff, jpeg, png, tiff, tiff_writer
from tests.corpus.reading import CountedFile
from tests.corpus.robustness import check
from tests.corpus.sample import encode, picture

MEBIBYTE = 1024 * 1024


def directory(*, entries, size, next_directory, order="<"):
    """A TIFF whose directory claims ``entries`` entries and holds the size alone."""
    width, height = size
    body = struct.pack(f"{order}HHIIHHII", 256, 4, 1, width, 257, 4, 1, height)
    return b"II*\0" + struct.pack("<IH", 8, entries) + body + struct.pack("<I", next_directory)


def chunks(count):
    return png.insert(png.png(), png.chunk(b"tEXt", b"a\0b") * count)


def boxes(count):
    data = isobmff.container([isobmff.Item(b"hvc1", b"")])
    return data[:24] + isobmff.box(b"free") * count + data[24:]


def items(count):
    """A picture among ``count`` items, each with an entry, a reference and a property of its own."""
    entries = [isobmff.full_box(b"infe", 2, 0, struct.pack(">HH4s", item % 65536, 0, b"hvc1")) for item in range(count)]
    references = [isobmff.box(b"auxl", struct.pack(">HHH", item % 65536, 1, 1)) for item in range(count)]
    links = isobmff.full_box(b"ipma", 0, 0, struct.pack(">IHBB", 1, 1, 1, 1))
    properties = isobmff.box(b"ipco", isobmff.size(5, 5), *[isobmff.box(b"free")] * count)
    parts = (
        isobmff.full_box(b"pitm", 0, 0, struct.pack(">H", 1)),
        isobmff.full_box(b"iinf", 1, 0, struct.pack(">I", count), *entries),
        isobmff.full_box(b"iref", 0, 0, *references),
        isobmff.box(b"iprp", properties, links),
    )
    return isobmff.box(b"ftyp", b"heic", bytes(4), b"mif1heic") + isobmff.full_box(b"meta", 0, 0, *parts)


def tracks(count):
    """A sequence of ``count`` tracks of many empty boxes."""
    track = isobmff.box(b"trak", isobmff.box(b"mdia", isobmff.box(b"free") * 1000), isobmff.box(b"free") * 1000)
    return isobmff.box(b"ftyp", b"avis", bytes(4), b"avisavif") + isobmff.box(b"moov", track * count)


def nested(depth):
    body = b""
    for _ in range(depth):
        body = isobmff.box(b"meta", bytes(4), body)
    return isobmff.box(b"ftyp", b"heic", bytes(4), b"mif1heic") + body


def riff(count):
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x08" + bytes(9) + (b"JUNK" + bytes(4)) * count
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jp2(count):
    data = encode(picture(), "JPEG2000")
    return data[:32] + isobmff.box(b"free") * count + data[32:]


ENDLESS = {
    "a-jpeg-of-empty-segments": jpeg.insert(jpeg.jpeg(), jpeg.segment(0xE5, b"") * 2 * MEBIBYTE),
    "a-jpeg-of-fill-bytes": b"\xff\xd8" + b"\xff" * 8 * MEBIBYTE,
    "a-png-of-small-chunks": chunks(500_000),
    "a-heic-of-empty-boxes": boxes(MEBIBYTE),
    "a-heic-in-a-heic": nested(2000),
    "a-heic-of-60000-items": items(60_000),
    "an-avif-of-60-tracks": tracks(60),
    "a-webp-of-empty-chunks": riff(MEBIBYTE),
    "a-jpeg-2000-of-empty-boxes": jp2(MEBIBYTE),
    "a-gif-of-empty-extensions": b"GIF89a" + bytes(7) + b"!\xfe\x00" * 2 * MEBIBYTE,
    "a-ppm-of-comments": b"P6\n" + b"#\n" * 4 * MEBIBYTE,
    "a-ppm-of-one-comment": b"P6\n#" + b"x" * 8 * MEBIBYTE,
    "a-tiff-directory-that-follows-itself": directory(entries=2, size=(5, 5), next_directory=8),
    "a-tiff-of-65535-entries": directory(entries=65535, size=(5, 5), next_directory=0) + bytes(MEBIBYTE),
    "a-bigtiff-of-too-many-entries": b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 2**60) + bytes(100),
    "an-icon-of-65535-pictures": struct.pack("<HHH", 0, 1, 65535) + b"\x10" * 16 * 65535,
    "a-psd-of-endless-resources": struct.pack(">4sH6xHIIHHII", b"8BPS", 1, 3, 5, 5, 8, 3, 0, 2**32 - 1)
    + b"8BIM\x04\x04\0\0\0\0\0\0" * MEBIBYTE,
    "an-icns-of-empty-blocks": b"icns" + struct.pack(">I", 8 * MEBIBYTE) + b"ic99\0\0\0\x08" * MEBIBYTE,
}


@pytest.mark.parametrize("name", ENDLESS)
def test_the_reader_stays_within_its_budget(name):
    assert check(ENDLESS[name], f"{name}.bin").problems == []


def test_every_item_of_a_picture_is_visited_once():
    file = CountedFile(items(1000))
    assert file.header("a.heic").width == 5
    assert file.reads < 6 * 1000


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt"])
def test_a_decompression_bomb_takes_little_memory(kind):
    bomb = png.chunk(kind, b"a\0\0" + zlib.compress(bytes(64 * MEBIBYTE), 9))
    tracemalloc.start()
    verdict = check(png.insert(png.png(), bomb), "bomb.png")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (verdict.problems, peak < 8 * MEBIBYTE) == ([], True)


@pytest.mark.parametrize("order", "<>")
def test_an_exif_directory_that_links_to_itself_is_read_once(order):
    block = bytearray(tiff_writer.tiff({0x8769: tiff_writer.long(8)}, order=order, directory_first=True))
    assert check(jpeg.with_exif(bytes(block)), "loop.jpg").problems == []


@pytest.mark.parametrize("size", [(100_000, 60_000), (2**31 - 1, 1)])
def test_an_image_of_six_billion_pixels_is_accepted(size):
    header = CountedFile(directory(entries=2, size=size, next_directory=0)).header("huge.tif")
    assert (header.width, header.height) == size


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (2**31, 5), (2**32 - 1, 2**32 - 1)])
def test_a_size_that_no_image_can_have_is_invalid_dimensions(size):
    with pytest.raises(HeaderRejectedError) as rejection:
        CountedFile(directory(entries=2, size=size, next_directory=0)).header("impossible.tif")
    assert rejection.value.reason == RejectionReason.INVALID_DIMENSIONS


def test_a_far_directory_costs_one_more_request():
    page = {**tiff.page(), 65000: tiff_writer.undefined(bytes(4 * MEBIBYTE))}
    file = CountedFile(tiff_writer.tiff(page))
    file.header("far.tif")
    assert (file.requests, file.fetched < 65536) == (2, True)
