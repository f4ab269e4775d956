"""XMP: properties of the image itself, from packets of any writer, with limits against hostile ones."""

import pytest

from image_metadata.headers.embedded.sources import Rank, Source, missing_fields
from image_metadata.headers.embedded.xmp import LONGEST_PACKET, MOST_ELEMENTS, may_contain, read_xmp
from tests.corpus.editors import XMP_PROPERTIES, XMP_TRUTH, xmp
from tests.image_metadata.headers.merging import merge

ORIENTATION = {"tiff:Orientation": "6"}
NOTHING = Source(rank=Rank.XMP)


def read(properties, **options):
    return merge(read_xmp(xmp(properties, **options)))


@pytest.mark.parametrize("as_attributes", [True, False])
def test_properties_are_read_as_elements_and_as_attributes(as_attributes):
    header = read({**XMP_PROPERTIES, **ORIENTATION}, as_attributes=as_attributes)
    assert {name: getattr(header, name) for name in XMP_TRUTH} == XMP_TRUTH
    assert header.orientation == 6


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("wrap", ["{}", "\n {}\n\0", '<?xml version="1.0"?>{}'])
def test_a_packet_is_read_in_every_encoding_and_wrapping(encoding, wrap):
    packet = wrap.format(xmp(ORIENTATION).decode()).encode(encoding)
    assert read_xmp(packet).orientation == 6


@pytest.mark.parametrize(
    ("properties", "taken_at"),
    [
        ({"exif:DateTimeOriginal": "2001-01-01T01:01:01", "photoshop:DateCreated": "2002-02-02T02:02:02"}, "2001"),
        ({"photoshop:DateCreated": "2002-02-02T02:02:02", "xmp:CreateDate": "2003-03-03T03:03:03"}, "2002"),
        ({"xmp:CreateDate": "2003-03-03T03:03:03", "xmp:ModifyDate": "2004-04-04T04:04:04"}, "2003"),
        ({"exif:DateTimeDigitized": "2003-03-03T03:03:03"}, "2003"),
        ({"xmp:ModifyDate": "2004-04-04T04:04:04"}, None),
        ({"exif:DateTimeOriginal": "", "xmp:CreateDate": "2003-03-03T03:03:03"}, "2003"),
        ({"photoshop:DateCreated": "2001-01-01", "xmp:CreateDate": "2003-03-03T03:03:03"}, None),
    ],
)
def test_the_original_date_comes_before_the_digitized_one(properties, taken_at):
    assert (read(properties).taken_at or "")[:4] == (taken_at or "")


@pytest.mark.parametrize("lens", ["exifEX:LensModel", "aux:Lens"])
def test_a_lens_is_read_from_either_namespace(lens):
    assert read({lens: "KX 35mm F2"}).lens_model == "KX 35mm F2"


@pytest.mark.parametrize(
    ("latitude", "longitude", "place"),
    [
        ("38,1,30S", "145,15,0E", (-38.025, 145.25)),
        ("38,1.5S", "145,15.0W", (-38.025, -145.25)),
        ("-38.025", "145.25", (-38.025, 145.25)),
        ("38 deg 1' 30.00\" S", "145 degrees 15 minutes East", (-38.025, 145.25)),
        ("38.025", "145.25", (None, None)),
        ("38,0253S", "145,15E", (None, None)),
        ("91,0S", "145,15E", (None, None)),
        ("38,1.5S", "", (None, None)),
    ],
)
def test_coordinates_are_read_with_a_reference_or_a_sign(latitude, longitude, place):
    header = read({"exif:GPSLatitude": latitude, "exif:GPSLongitude": longitude})
    assert (header.latitude, header.longitude) == (pytest.approx(place) if place[0] else place)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("tiff:Orientation", "orientation"),
        ("exif:DateTimeOriginal", "original"),
        ("photoshop:DateCreated", "original"),
        ("xmp:CreateDate", "original"),
        ("exif:DateTimeDigitized", "original"),
        ("tiff:Make", "camera"),
        ("tiff:Model", "camera"),
        ("exifEX:LensModel", "lens_model"),
        ("aux:Lens", "lens_model"),
        ("exif:GPSLatitude", "place"),
    ],
)
def test_a_packet_is_parsed_for_each_property_that_exif_lacks(name, field, encoding):
    packet = xmp({name: "1"}).decode().encode(encoding)
    assert may_contain(packet, missing_fields([Source(rank=Rank.EXIF)]))
    assert may_contain(packet, [field])


def test_a_packet_is_not_parsed_for_what_exif_says():
    assert not may_contain(
        xmp({"xmp:CreateDate": "2021-05-06T07:08:09", **ORIENTATION}), ["camera", "lens_model", "place"]
    )


def test_properties_of_an_ingredient_are_not_those_of_the_image():
    ingredient = (
        '<xmpMM:Pantry xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"><rdf:Bag><rdf:li>'
        '<rdf:Description tiff:Make="Other">'
        "<tiff:Orientation>3</tiff:Orientation></rdf:Description></rdf:li></rdf:Bag></xmpMM:Pantry>"
    )
    header = read({}, inside=ingredient)
    assert (header.camera_make, header.orientation) == (None, None)
    assert read(ORIENTATION, inside=ingredient).orientation == 6


def test_a_description_within_another_packet_is_not_of_the_image():
    nested = xmp(ORIENTATION).decode().split("?>\n")[1].split("<?xpacket")[0]
    assert read({}, inside=f"<tiff:Nested>{nested}</tiff:Nested>").orientation is None


@pytest.mark.parametrize("value", ["0", "9", "66", "x", ""])
def test_an_orientation_is_one_of_eight(value):
    assert read({"tiff:Orientation": value}).orientation is None


def test_properties_before_the_damage_are_read():
    assert read_xmp(xmp({**ORIENTATION, "tiff:Make": "Kodalux"}).split(b"Kodalux")[0]).orientation == 6


@pytest.mark.parametrize(
    "packet", [b"", b"\0" * 100, b"no packet", b"<a>" * 100_000, b'<?xml version="1.0" encoding="unheard-of"?><a/>']
)
def test_bytes_that_are_no_packet_give_no_metadata(packet):
    assert read_xmp(packet) == NOTHING


ENTITIES = '<!DOCTYPE x [<!ENTITY a "6"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("declaration", [ENTITIES, '<!DOCTYPE x SYSTEM "file:///etc/passwd">', "<!DOCTYPE x []>"])
def test_a_packet_with_a_document_type_is_not_read(declaration):
    assert read_xmp(declaration.encode() + xmp(ORIENTATION)) == NOTHING


def test_a_packet_is_read_up_to_its_limits():
    def padded(elements):
        return {
            "orientation": read({}, inside="<a/>" * elements + "<tiff:Orientation>6</tiff:Orientation>").orientation
        }

    # Around the image's properties stand three elements of the packet itself.
    assert padded(MOST_ELEMENTS - 4) == {"orientation": 6}
    assert padded(MOST_ELEMENTS - 3) == {"orientation": None}
    far = xmp(ORIENTATION, inside="").replace(b"<tiff:Ori", b" " * LONGEST_PACKET + b"<tiff:Ori")
    assert read_xmp(far).orientation is None


def test_a_long_value_is_cut():
    make = read({"tiff:Make": "小" * 100_000}).camera_make
    assert make == "小" * 80
