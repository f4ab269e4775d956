"""Every content becomes a header or a rejection that names what it is; every other error is raised."""

import struct
from io import BytesIO
from itertools import chain

import pytest
from PIL import Image

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers import MEDIA_TYPES, read_header
from image_metadata.headers.reader import HeaderReader
from image_metadata.model import RejectionReason
from tests.corpus import png, tiff, tiff_writer
from tests.corpus.catalog import CORPUS
from tests.corpus.reading import CountedFile
from tests.corpus.sample import encode, picture

NOT_IMAGES = {
    b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n": "a PDF document",
    b"\n\n junk before %PDF-1.4": "a PDF document",
    b"%!PS-Adobe-3.0 EPSF-3.0": "a PostScript file",
    b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>': "an SVG drawing",
    b"  <svg width='1'></svg>": "an SVG drawing",
    '\ufeff<?xml version="1.0"?><a/>'.encode("utf-16"): "an XML document",
    b"<?xml version='1.0'?><feed/>": "an XML document",
    b"<!DOCTYPE html><html>": "an HTML page",
    b"PK\x03\x04\x14\0\x06\0" + bytes(22) + b"[Content_Types].xml": "a Microsoft Office document",
    b"PK\x03\x04\x14\0\0\0" + bytes(22) + b"holiday.jpg": "a zip archive",
    b"\x1f\x8b\x08\0": "gzip-compressed data",
    b"\0\0\0\x08wide\0\0\0\0mdat": "a QuickTime video",
    b"RIFF\x24\0\0\0AVI LIST": "an AVI video",
    b"RIFF\x24\0\0\0WAVEfmt ": "a WAV sound",
    b"\x1aE\xdf\xa3\x01": "a Matroska or WebM video",
    b"MZ\x90\0": "a Windows program",
    b"II\xbc\1\x20\0\0\0": "a JPEG XR image",
    b"v/1\1\2\0\0\0": "an OpenEXR image",
    b"SIMPLE  =                    T": "a FITS image",
    b"/* XPM */\nstatic char *a[] = {": "an XPM image",
    b"SDPX\0\0\x20\0V1.0": "a DPX image",
    b"BA\x5c\0\0\0\xf2\0\0\0": "an OS/2 bitmap array",
    b"CI\x4e\0\0\0\0\0\0\0": "an OS/2 icon",
    b"RIFF\x24\0\0\0ACONLIST": "an animated Windows cursor",
    b'{"name": "photo.jpg"}': "JSON",
    "Grüße aus Köln".encode(): "plain text",
    "Grüße aus Köln".encode("latin-1"): "plain text",
    b"P3 players are back\n": "plain text",
    bytes(100): "nothing but zero bytes",
    b"\x05\x17\0\xfe\x93": "an unknown kind of binary data",
}


def rejection(data, name="upload.bin"):
    with pytest.raises(HeaderRejectedError) as caught:
        CountedFile(data).header(name)
    return caught.value


@pytest.mark.parametrize(("data", "name"), NOT_IMAGES.items(), ids=NOT_IMAGES.values())
def test_the_rejection_names_what_is_not_an_image(data, name):
    found = rejection(data)
    assert found.reason == RejectionReason.UNSUPPORTED_FORMAT
    assert found.detail.endswith(f"found {name}")


def test_a_file_of_0_bytes_is_empty():
    assert rejection(b"").reason == RejectionReason.EMPTY


NO_WIDTH = struct.pack(">IIBBBBB", 0, 5, 8, 2, 0, 0, 0)
SIZES = {
    "png-without-width": b"\x89PNG\r\n\x1a\n" + png.chunk(b"IHDR", NO_WIDTH) + png.chunk(b"IDAT", b""),
    "bmp-of-negative-width": b"BM" + bytes(12) + struct.pack("<IiiHH", 40, -3, 5, 1, 24) + bytes(24),
    "tiff-of-3-billion-lines": tiff_writer.tiff({**tiff.page(), 257: tiff_writer.long(3_000_000_000)}),
    "qoi-without-height": b"qoif" + struct.pack(">IIBB", 5, 0, 3, 0),
    "ppm-without-width": b"P6 0 5 255 ",
}


@pytest.mark.parametrize("data", SIZES.values(), ids=SIZES)
def test_a_side_that_no_image_can_have_is_invalid_dimensions(data):
    assert rejection(data).reason == RejectionReason.INVALID_DIMENSIONS


def test_an_image_of_three_billion_pixels_is_accepted_and_pillow_keeps_its_limit(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    data = b"\0\0\x02" + bytes(9) + struct.pack("<HH", 60_000, 50_000) + b"\x18\0" + bytes(100)
    header = CountedFile(data).header("panorama.tga")
    assert (header.format, header.width, header.height) == ("TGA", 60_000, 50_000)
    assert Image.MAX_IMAGE_PIXELS == 1000


def test_reading_does_not_change_pillows_registry_of_plugins():
    Image.init()
    before = dict(Image.OPEN), list(Image.ID), dict(Image.EXTENSION)
    for sample in CORPUS[::10]:
        CountedFile(sample.data).header(sample.name)
    assert before == (dict(Image.OPEN), list(Image.ID), dict(Image.EXTENSION))


NOT_ABOUT_THE_BYTES = [
    OSError("timeout"),
    MemoryError(),
    RecursionError(),
    AttributeError("a bug"),
    ValueError("a bug"),
    IndexError("a bug"),
    struct.error("a bug"),
    EOFError(),
]


@pytest.mark.parametrize("error", NOT_ABOUT_THE_BYTES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "GIF", "WEBP", "AVIF", "JPEG2000", "ICNS"])
def test_an_error_that_is_not_about_the_bytes_is_never_a_rejection(kind, error):
    data = encode(picture("RGB", 32, 32), kind)

    def fetch(_offset, _length):
        raise error

    with pytest.raises(type(error)) as caught:
        read_header(HeaderReader(fetch, len(data), first=data[:13]), f"a.{kind}")
    assert caught.value is error


@pytest.mark.parametrize("name", ["photo.png", "photo", "photo.TGA"])
def test_the_content_decides_the_format_and_not_the_name(name):
    assert CountedFile(encode(picture(), "GIF")).header(name).format == "GIF"


def test_every_format_has_content_types():
    formats = {sample.truth["format"] for sample in CORPUS if "format" in sample.truth}
    assert formats <= set(MEDIA_TYPES)
    assert all(kind == kind.lower() and "/" in kind for kind in chain.from_iterable(MEDIA_TYPES.values()))


@pytest.mark.parametrize("declared", ["image/jpeg", "image/jpg", "image/pjpeg"])
def test_a_jpeg_may_be_declared_by_its_old_names(declared):
    assert declared in MEDIA_TYPES["JPEG"]
    assert declared not in MEDIA_TYPES["PNG"]


def test_the_content_type_that_pillow_would_declare_agrees():
    assert {kind for kind, types in MEDIA_TYPES.items() if Image.MIME.get(kind, min(types)) not in types} == set()


def test_memory_does_not_grow_with_the_file():
    header = encode(picture(), "BMP")
    asked = []

    def fetch(offset, length):
        asked.append(length)
        return header[offset : offset + length].ljust(length, b"\0")

    assert read_header(HeaderReader(fetch, 2**40), "huge.bmp").width == Image.open(BytesIO(header)).width
    assert sum(asked) <= 64 * 1024
