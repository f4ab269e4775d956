"""Files whose metadata is not, or not only, in one EXIF block: XMP, IPTC, text, and EXIF in unusual places."""

from collections.abc import Callable, Iterator
from functools import partial

from tests.corpus import editors, exif, gif, heif, jpeg, jpeg2000, jpegxl, png, psd, webp
from tests.corpus.isobmff import box
from tests.corpus.sample import Sample, sample
from tests.corpus.tiff import page
from tests.corpus.tiff_writer import Directory, ascii_, child, double, srational, tiff, undefined

_PACKET = editors.xmp(editors.XMP_PROPERTIES)
_XMP, _PHOTOSHOP = b"http://ns.adobe.com/xap/1.0/\0", b"Photoshop 3.0\0"
_APP1, _APP13 = 0xE1, 0xED
_BOTH_TRUTH = {**editors.XMP_TRUTH, **exif.CAMERA_TRUTH}


def samples() -> Iterator[Sample]:
    xmp_packets: dict[str, Callable[[], bytes]] = {
        "jpeg-edited-xmp.jpg": lambda: _jpeg(xmp_segment(_PACKET)),
        "jpeg-edited-xmp-attributes.jpg": lambda: _jpeg(xmp_segment(_as_attributes())),
        "png-edited-xmp.png": lambda: png.insert(png.png(), png.xmp_text(_PACKET)),
        "webp-edited-xmp.webp": partial(webp.webp, xmp=_PACKET),
        "gif-edited-xmp.gif": lambda: gif.before_the_image(gif.xmp_extension(_PACKET)),
        "tiff-edited-xmp.tif": lambda: tiff({**page(), 700: undefined(_PACKET)}),
        "psd-edited-xmp.psd": partial(psd.psd, psd.RGB, 3, resources=psd.resource(1060, _PACKET)),
        "heif-edited-xmp.heic": partial(heif.heic, xmp=_PACKET),
        "jpeg2000-edited-xmp.jp2": _jpeg2000,
        "jxl-edited-xmp.jxl": lambda: jpegxl.container(box(b"xml ", _PACKET), jpegxl.whole()),
    }
    for name, make in xmp_packets.items():
        yield sample(name, make, **editors.XMP_TRUTH)
    both = exif_segment(exif.camera()) + xmp_segment(_PACKET)
    yield sample("jpeg-edited-both.jpg", lambda: _jpeg(both), **_BOTH_TRUTH)
    yield from _iptc()
    yield from _exif_in_unusual_places()
    yield from _coordinates()
    text = {"taken_at": "2021-05-06T07:08:09.000", "taken_at_offset": "+02:00"}
    yield sample("png-edited-creation-time.png", lambda: png.insert(png.png(), _creation_time()), **text)


def exif_segment(block: bytes) -> bytes:
    return jpeg.segment(_APP1, b"Exif\0\0" + block)


def xmp_segment(packet: bytes) -> bytes:
    return jpeg.segment(_APP1, _XMP + packet)


def photoshop_segment(resources: bytes) -> bytes:
    return jpeg.segment(_APP13, _PHOTOSHOP + resources)


def _jpeg(*segments: bytes) -> bytes:
    return jpeg.insert(jpeg.jpeg(), *segments)


def _as_attributes() -> bytes:
    return editors.xmp(editors.XMP_PROPERTIES, as_attributes=True)


def _creation_time() -> bytes:
    return png.chunk(b"tEXt", b"Creation Time\0Thu, 06 May 2021 07:08:09 +0200")


def _jpeg2000() -> bytes:
    data = jpeg2000.encoded("RGB", "jp2")
    start = data.index(b"jp2c") - 4
    return data[:start] + box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), _PACKET) + data[start:]


def _iptc() -> Iterator[Sample]:
    block = editors.iptc()
    resources = editors.resources(block)
    yield sample("jpeg-edited-iptc.jpg", lambda: _jpeg(photoshop_segment(resources)), **editors.IPTC_TRUTH)
    in_tiff = {**page(), 33723: undefined(block)}
    yield sample("tiff-edited-iptc.tif", lambda: tiff(in_tiff), **editors.IPTC_TRUTH)
    psd_resources = psd.resource(1028, block)
    yield sample("psd-edited-iptc.psd", partial(psd.psd, psd.RGB, 3, resources=psd_resources), **editors.IPTC_TRUTH)


def _exif_in_unusual_places() -> Iterator[Sample]:
    block = exif.camera(orientation=6)
    truth = {**exif.CAMERA_TRUTH, "orientation": 6}
    parts = exif_segment(block[:90]), exif_segment(block[90:])
    yield sample("jpeg-camera-in-two-segments.jpg", lambda: _jpeg(*parts), **truth)
    empty = exif_segment(tiff({0x011A: ascii_("72")}))
    yield sample("jpeg-camera-in-second-block.jpg", lambda: _jpeg(empty, exif_segment(block)), **truth)
    yield sample("jpeg-camera-after-frame.jpg", lambda: _after_frame(exif_segment(block)), **truth)


def _after_frame(segment: bytes) -> bytes:
    data = jpeg.jpeg()
    start = data.index(b"\xff\xc0")
    end = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
    return data[:end] + segment + data[end:]


def _coordinates() -> Iterator[Sample]:
    south_east: Directory = {1: ascii_("S"), 3: ascii_("E")}
    numbers = {
        "double": {2: double(38.025), 4: double(145.25)},
        "signed": {2: srational((-38, 1), (-1, 1), (-30, 1)), 4: srational((145, 1), (15, 1), (0, 1))},
        "ascii": {2: ascii_("38.025"), 4: ascii_("145.25")},
    }
    for name, coordinates in numbers.items():
        block = tiff({exif.GPS_IFD: child({**south_east, **coordinates})})
        yield sample(f"jpeg-located-{name}.jpg", partial(jpeg.with_exif, block), latitude=-38.025, longitude=145.25)
