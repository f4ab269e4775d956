"""Camera raw files: small previews around sensor data of a few bytes, laid out as the makers' cameras do."""

import struct
from collections.abc import Iterator
from functools import partial

from tests.corpus import exif
from tests.corpus.isobmff import box
from tests.corpus.jpeg import with_exif
from tests.corpus.sample import Sample, sample
from tests.corpus.tiff_writer import Directory, Entry, ascii_, byte, child, long, offsets, short, tiff, undefined

WIDTH, HEIGHT = 6048, 4024
"""Pixels of the full picture."""

PREVIEW_WIDTH, PREVIEW_HEIGHT = 160, 120
_COLOR_FILTER, _LINEAR, _YCBCR = 32803, 34892, 6
_JPEG, _SONY, _NIKON, _PENTAX, _SAMSUNG = 6, 32767, 34713, 65535, 32770
_SIZE = {"width": WIDTH, "height": HEIGHT}


def picture(  # noqa: PLR0913  # tags of a directory
    *,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    subfile_type: int | None = 0,
    compression: int = 1,
    photometric: int = _COLOR_FILTER,
    bits: int = 14,
    data: bytes = bytes(64),
) -> Directory:
    tags: dict[int, Entry] = {
        256: long(size[0]),
        257: long(size[1]),
        258: short(bits),
        259: short(compression),
        262: short(photometric),
        273: offsets(data),
        277: short(1),
        278: long(size[1]),
        279: long(len(data)),
    }
    return tags if subfile_type is None else {254: long(subfile_type), **tags}


def preview(size: tuple[int, int] = (PREVIEW_WIDTH, PREVIEW_HEIGHT), data: bytes = bytes(64)) -> Directory:
    return picture(size=size, subfile_type=1, photometric=2, bits=8, data=data)


def camera(make: str) -> Directory:
    return {**exif.CAMERA, exif.MAKE: ascii_(make)}


def dng(data: bytes = bytes(64)) -> bytes:
    """The main directory is a preview; the sensor's data are in a sub-directory, a larger preview in another."""
    others = child(picture(photometric=_LINEAR, bits=16, data=data), preview((1024, 683)))
    return tiff({**preview(), **camera("Kodalux"), 330: others, 50706: byte(1, 4, 0, 0)})


def dng_of_a_phone() -> bytes:
    """The main directory is the sensor's data."""
    return tiff({**picture(bits=12), **camera("Kodalux"), 50706: byte(1, 4, 0, 0)}, order=">")


def cr2(preview_size: tuple[int, int] = (1536, 1024), data: bytes = bytes(64)) -> bytes:
    """The main directory is a JPEG, which in older cameras is smaller than the full picture."""
    pixels = {0xA002: short(WIDTH), 0xA003: short(HEIGHT)}
    tags = camera("Canon")
    described = {**tags, exif.EXIF_IFD: child({**tags[exif.EXIF_IFD].children[0], **pixels})}
    main = {**picture(size=preview_size, subfile_type=None, compression=_JPEG, photometric=_YCBCR), **described}
    sensor = picture(size=(10, 10), subfile_type=None, compression=_JPEG, data=data)
    del sensor[256], sensor[257]
    return tiff(main, sensor, after_header=b"CR\2\0" + bytes(4), directory_first=True)


def nef(data: bytes = bytes(64)) -> bytes:
    others = child(preview((570, 375)), picture(compression=_NIKON, data=data))
    return tiff({**preview(), **camera("NIKON CORPORATION"), 330: others}, order=">")


def arw(data: bytes = bytes(64)) -> bytes:
    """The main directory has no size."""
    main = {254: long(1), 259: short(_JPEG), **camera("SONY"), 330: child(picture(compression=_SONY, data=data))}
    return tiff(main, directory_first=True)


def pef(data: bytes = bytes(64)) -> bytes:
    main = {**picture(subfile_type=None, compression=_PENTAX, data=data), **camera("PENTAX Corporation")}
    return tiff(main, preview(), order=">")


def srw(data: bytes = bytes(64)) -> bytes:
    sensor = child(picture(compression=_SAMSUNG, data=data))
    return tiff({**preview(), **camera("SAMSUNG"), 330: sensor}, directory_first=True)


def orf(mark: bytes = b"IIRO", data: bytes = bytes(64)) -> bytes:
    order = "<" if mark[:1] == b"I" else ">"
    main = {**picture(subfile_type=None, data=data), **camera("OLYMPUS CORPORATION")}
    return mark + tiff(main, order=order, directory_first=True)[4:]


def rw2(data: bytes = bytes(64)) -> bytes:
    """Tags of Panasonic's own; what EXIF says is in the preview."""
    jpeg = with_exif(exif.camera())
    main: Directory = {
        0x0001: undefined(b"0410"),
        0x0002: short(WIDTH + 80),
        0x0003: short(HEIGHT + 20),
        0x0004: short(6),
        0x0005: short(8),
        0x0006: short(HEIGHT + 6),
        0x0007: short(WIDTH + 8),
        0x000A: short(12),
        0x002E: undefined(jpeg),
        exif.MAKE: ascii_("Panasonic"),
        exif.MODEL: ascii_("KX-100"),
        0x0118: offsets(data),
    }
    signature = bytes.fromhex("88e774d8f8251d4d947a6e77822b5d6a")
    return b"IIU\0" + tiff(main, after_header=signature, directory_first=True)[4:]


def raf(data: bytes = bytes(64)) -> bytes:
    jpeg = with_exif(exif.camera())
    tags = {0x0100: (HEIGHT + 100, WIDTH + 100), 0x0110: (16, 24), 0x0111: (HEIGHT, WIDTH), 0x0121: (HEIGHT, WIDTH)}
    directory = struct.pack(">I", len(tags))
    directory += b"".join(struct.pack(">HHHH", tag, 4, *value) for tag, value in tags.items())
    jpeg_at = 148
    directory_at = jpeg_at + len(jpeg)
    places = (jpeg_at, len(jpeg), directory_at, len(directory), directory_at + len(directory), len(data))
    head = b"FUJIFILMCCD-RAW 0201FF000000" + b"KX-100".ljust(32, b"\0") + b"0100" + bytes(20)
    return (head + struct.pack(">6I", *places)).ljust(jpeg_at, b"\0") + jpeg + directory + data


def cr3(data: bytes = bytes(64), *, compressor: bytes = b"CanonCR3_001/00.09.00/00.00.00", sized: bool = True) -> bytes:
    """Main, Exif and GPS directories in boxes of Canon's own, and a track for the full picture."""
    tags = {tag: entry for tag, entry in camera("Canon").items() if tag != exif.EXIF_IFD}
    main = {**tags, **({256: short(WIDTH), 257: short(HEIGHT)} if sized else {})}
    canon = box(
        b"uuid",
        bytes.fromhex("85c0b687820f11e08111f4ce462b6a48"),
        box(b"CNCV", compressor),
        box(b"CMT1", tiff(main, directory_first=True)),
        box(b"CMT2", tiff(exif.CAMERA[exif.EXIF_IFD].children[0], directory_first=True)),
        box(b"CMT4", tiff(exif.GPS, directory_first=True)),
    )
    entry = box(b"CRAW", bytes(24), struct.pack(">HH", WIDTH, HEIGHT), bytes(50))
    table = box(b"stbl", box(b"stsd", struct.pack(">II", 0, 1), entry))
    handler = box(b"hdlr", bytes(8), b"vide", bytes(12))
    header = box(b"tkhd", bytes(76), struct.pack(">II", WIDTH << 16, HEIGHT << 16))
    track = box(b"trak", header, box(b"mdia", handler, box(b"minf", table)))
    return box(b"ftyp", b"crx ", bytes(3), b"\1crx isom") + box(b"moov", canon, track) + box(b"mdat", data)


def samples() -> Iterator[Sample]:
    for make in (dng, nef, arw, pef, srw, orf, rw2, raf, cr3):
        name = make.__name__
        maker = {} if name in ("dng", "raf") else {"camera_make": _MAKERS[name]}
        truth = {**exif.CAMERA_TRUTH, **maker, **_SIZE, "format": name.upper(), "frame_count": 1, "has_alpha": False}
        yield sample(f"{name}-camera.{name}", make, **truth)
    truth = {**exif.CAMERA_TRUTH, "camera_make": "Canon", **_SIZE, "format": "CR2"}
    yield sample("cr2-camera-small-preview.cr2", cr2, **truth)
    yield sample("cr2-camera.cr2", partial(cr2, (WIDTH, HEIGHT)), **truth)
    yield sample("dng-camera-of-a-phone.dng", dng_of_a_phone, **_SIZE, format="DNG", bit_depth=12)
    yield sample("orf-camera-old.orf", partial(orf, b"IIRS"), **_SIZE, format="ORF")
    yield sample("orf-camera-big-endian.orf", partial(orf, b"MMOR"), **_SIZE, format="ORF")


_MAKERS = {
    "nef": "NIKON CORPORATION",
    "arw": "SONY",
    "pef": "PENTAX Corporation",
    "srw": "SAMSUNG",
    "orf": "OLYMPUS CORPORATION",
    "rw2": "Panasonic",
    "cr3": "Canon",
}
