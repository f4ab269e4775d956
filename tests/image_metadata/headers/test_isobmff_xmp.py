"""XMP, and in JPEG 2000 IPTC, in files that are made of boxes."""

import pytest

from tests.corpus import editors, exif, jpegxl
from tests.corpus.isobmff import Item, box, container, exif_item, rotation, size
from tests.corpus.reading import CountedFile
from tests.corpus.sample import encode, picture

PACKET = editors.xmp(editors.XMP_PROPERTIES | {"tiff:Orientation": "8"})
PIXELS = bytes(500_000)


def xmp_item(padding=0):
    return Item(b"mime", PACKET + b" " * padding, reference=(b"cdsc", [1]))


def image(pixels=b"pixels", *properties):
    return Item(b"hvc1", pixels, (size(61, 37), *properties))


def truths(data, name):
    header = CountedFile(data).header(name)
    return {field: getattr(header, field) for field in editors.XMP_TRUTH}


def test_xmp_of_a_heif_adds_what_exif_lacks():
    assert truths(container([image(), xmp_item()]), "a.heic") == editors.XMP_TRUTH
    header = CountedFile(container([image(), exif_item(exif.camera(), of=1), xmp_item()])).header("a.heic")
    assert (header.taken_at, header.latitude) == (exif.CAMERA_TRUTH["taken_at"], editors.XMP_TRUTH["latitude"])


def test_the_transformations_of_a_heif_replace_the_orientation_of_xmp():
    assert CountedFile(container([image(), xmp_item()])).header("a.heic").orientation == 1
    assert CountedFile(container([image(b"pixels", rotation(1)), xmp_item()])).header("a.heic").orientation == 8


@pytest.mark.parametrize("has_date", [True, False])
def test_xmp_after_the_pixels_of_a_heif_is_read_only_if_exif_has_no_camera_date(has_date):
    block = exif_item(exif.camera() if has_date else exif.turned(6), of=1)
    measured = CountedFile(container([image(PIXELS), block, image(PIXELS), xmp_item()]))
    taken_at = (exif.CAMERA_TRUTH if has_date else editors.XMP_TRUTH)["taken_at"]
    assert (measured.header("a.heic").taken_at, measured.requests) == (taken_at, 2 if has_date else 3)


JP2 = encode(picture(), "JPEG2000")
UUIDS = {
    "XMP": (bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), PACKET),
    "IPTC": (bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38"), editors.iptc()),
    "Photoshop": (bytes.fromhex("2c4c0100850440b9a03e562148d6dfeb"), editors.resources(editors.iptc())),
}


@pytest.mark.parametrize("block", UUIDS.values(), ids=UUIDS)
def test_boxes_with_metadata_of_a_jpeg_2000_are_read_where_they_are_held(block):
    start = JP2.index(b"jp2c") - 4
    near, far = (JP2[:start] + filler + box(b"uuid", *block) + JP2[start:] for filler in (b"", box(b"free", PIXELS)))
    assert CountedFile(near).header("a.jp2").taken_at[:19] == "2021-05-06T07:08:09"
    assert CountedFile(far).header("a.jp2").taken_at is None


def test_xmp_of_a_jpeg_xl_is_read_where_it_is_held():
    data = jpegxl.container(box(b"xml ", PACKET), jpegxl.whole())
    assert truths(data, "a.jxl") == editors.XMP_TRUTH
