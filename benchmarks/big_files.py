"""Files of any size: a valid header of each format, and random bytes in place of the pixels."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from tests.corpus import avif, exif, gif, heif, jpeg, png, psd, tiff_writer, webp
from tests.corpus.isobmff import container, exif_item, rotation
from tests.corpus.tiff_writer import long, offsets, short

_NOISE = Random(1).randbytes(1024 * 1024)  # noqa: S311  # repeatable, not secret
_WIDTH = 4096


def noise(size: int) -> bytes:
    return (_NOISE * (size // len(_NOISE) + 1))[:size]


def jpeg_file(size: int) -> bytes:
    """With an EXIF block as large as cameras write, and the noise after the scan."""
    camera = jpeg.with_exif(exif.with_maker_note(20_000), icc_profile=noise(3_000))
    return camera[:-2] + noise(size - len(camera)).replace(b"\xff", b"\0") + camera[-2:]


def png_file(size: int) -> bytes:
    small = png.png("RGB", exif=exif.camera())
    pixels = small.index(b"IDAT") - 4
    piece = noise(65_536)
    return small[:pixels] + png.chunk(b"IDAT", piece) * max(1, size // len(piece)) + small[pixels:]


def gif_file(size: int) -> bytes:
    small = gif.gif("RGBA")
    return small[:-1] + (b"!\xfe" + (b"\xff" + noise(255)) * 100 + b"\0") * (size // 25_603 + 1) + b";"


def webp_file(size: int) -> bytes:
    """The EXIF block is at the end of the file, as in RFC 9649."""
    small = webp.webp("RGB", exif=exif.camera())
    behind = small.index(b"EXIF")
    data = small[:behind] + b"JUNK" + struct.pack("<I", size) + noise(size) + bytes(size % 2) + small[behind:]
    return b"RIFF" + struct.pack("<I", len(data) - 8) + data[8:]


def heic_file(size: int) -> bytes:
    """A phone's grid of tiles, rotated, and its EXIF block after the pixels."""
    unseen = replace(heif.tile(hidden=True), data=noise(size))
    return container([*heif.tiled(640, 448, rotation(3)), unseen, exif_item(exif.camera(">", 6), of=1)])


def avif_file(size: int) -> bytes:
    return avif.with_payload(noise(size), exif.camera())


def tiff_file(size: int) -> bytes:
    """Uncompressed strips first, the directory at the end, as libtiff writes."""
    row = _WIDTH * 3
    rows = max(1, size // row)
    strips = [noise(row * 16)] * -(-rows // 16)
    page = {
        256: short(_WIDTH),
        257: long(rows),
        258: short(8, 8, 8),
        259: short(1),
        262: short(2),
        273: offsets(*strips),
        277: short(3),
        278: long(16),
        279: long(*map(len, strips)),
    }
    return tiff_writer.tiff({**page, **exif.CAMERA})


def bmp_file(size: int) -> bytes:
    rows = max(1, size // (_WIDTH * 3))
    info = struct.pack("<IiiHHIIiiII", 40, _WIDTH, rows, 1, 24, 0, rows * _WIDTH * 3, 2835, 2835, 0, 0)
    return struct.pack("<2sIHHI", b"BM", 54 + rows * _WIDTH * 3, 0, 0, 54) + info + noise(rows * _WIDTH * 3)


def psd_file(size: int) -> bytes:
    """A thumbnail among the resources, then the layers, then the merged image."""
    thumbnail = psd.resource(psd.THUMBNAIL, noise(20_000))
    return psd.psd(psd.RGB, 3, resources=thumbnail, layers=noise(size))


BIG_FILES: Mapping[str, Callable[[int], bytes]] = {
    "photo.jpg": jpeg_file,
    "drawing.png": png_file,
    "clip.gif": gif_file,
    "photo.webp": webp_file,
    "phone.heic": heic_file,
    "photo.avif": avif_file,
    "scan.tif": tiff_file,
    "screen.bmp": bmp_file,
    "poster.psd": psd_file,
}
"""File name to maker; a maker takes the wanted size in bytes and stays close to it."""
