"""Metadata that editors write beside EXIF: XMP packets, IPTC-IIM datasets and Photoshop's resources."""

import hashlib
import struct

_NAMESPACES = {
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "exifEX": "http://cipa.jp/exif/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

XMP_TRUTH = {
    "camera_make": "Kodalux",
    "camera_model": "KX-100",
    "lens_model": "KX 35mm F2",
    "taken_at": "2021-05-06T07:08:09.120",
    "taken_at_offset": "+02:00",
    "latitude": -(38 + 1.5 / 60),
    "longitude": 145.25,
}
XMP_PROPERTIES = {
    "tiff:Make": "Kodalux",
    "tiff:Model": "KX-100",
    "exifEX:LensModel": "KX 35mm F2",
    "exif:DateTimeOriginal": "2021-05-06T07:08:09.12+02:00",
    "exif:GPSLatitude": "38,1.5S",
    "exif:GPSLongitude": "145,15.0E",
}
IPTC_TRUTH = {"taken_at": "2021-05-06T07:08:09.000", "taken_at_offset": "+02:00"}


def xmp(properties: dict[str, str], *, as_attributes: bool = False, inside: str = "", padding: int = 0) -> bytes:
    """A packet with those properties, as elements or as attributes; ``inside`` is further XML beside them."""
    names = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    attributes = "".join(f' {name}="{value}"' for name, value in properties.items()) if as_attributes else ""
    elements = "" if as_attributes else "".join(f"<{name}>{value}</{name}>\n" for name, value in properties.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{_RDF}"><rdf:Description rdf:about="" {names}{attributes}>'
        f'{elements}{inside}</rdf:Description></rdf:RDF></x:xmpmeta>\n{" " * padding}<?xpacket end="w"?>'
    ).encode()


def iptc(date: str = "20210506", time: str = "070809+0200", *, number: int = 55) -> bytes:
    """A block with the date and time created (55 and 60), or those of the digitization (62 and 63)."""
    time_number = {55: 60, 62: 63}[number]
    values = ((2, 0, b"\0\4"), (2, 5, b"A title"), (2, number, date.encode()), (2, time_number, time.encode()))
    return b"".join(dataset(*each) for each in values)


def dataset(record: int, number: int, value: bytes) -> bytes:
    return struct.pack(">BBBH", 0x1C, record, number, len(value)) + value


def resource(number: int, data: bytes, name: bytes = b"") -> bytes:
    padded_name = bytes([len(name)]) + name + bytes(1 - len(name) % 2)
    return (
        b"8BIM" + struct.pack(">H", number) + padded_name + struct.pack(">I", len(data)) + data + bytes(len(data) % 2)
    )


def resources(block: bytes, *, digest_of: bytes | None = None) -> bytes:
    """Photoshop's resources with an IPTC block, and the digest that an editor writes with it."""
    digest = b"" if digest_of is None else resource(1061, hashlib.md5(digest_of, usedforsecurity=False).digest())
    return resource(1005, bytes(16), b"resolution") + resource(1028, block) + digest
