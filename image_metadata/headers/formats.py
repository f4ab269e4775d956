"""The explicit list of formats: their signatures, their readers, and the content types that uploaders declare."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module

from image_metadata.headers import signatures
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import unsupported
from image_metadata.model import ImageHeader

Read = Callable[[HeaderReader], ImageHeader]


def _reader(module: str, function: str = "read") -> Read:
    """A format's reader, which is imported with the first image of the format: a fresh process needs one or two."""

    @cache
    def imported() -> Read:
        imported_read: Read = getattr(import_module(f"image_metadata.headers.{module}"), function)
        return imported_read

    def read(source: HeaderReader) -> ImageHeader:
        return imported()(source)

    return read


_SIGNATURES: tuple[tuple[int, bytes, Read], ...] = (
    (0, b"\xff\xd8\xff", _reader("jpeg")),
    (0, signatures.PNG, _reader("png")),
    (0, b"GIF87a", _reader("gif")),
    (0, b"GIF89a", _reader("gif")),
    (8, b"WEBPVP8", _reader("webp")),
    (4, b"ftyp" + signatures.CR3_BRAND, _reader("isobmff.cr3")),
    (4, b"ftyp", _reader("isobmff.heif")),
    (0, signatures.JPEG2000_CONTAINER, _reader("isobmff.jpeg2000")),
    (0, signatures.JPEG2000_CODESTREAM, _reader("isobmff.jpeg2000")),
    (0, signatures.JPEGXL_CONTAINER, _reader("isobmff.jpegxl")),
    (0, signatures.JPEGXL_CODESTREAM, _reader("isobmff.jpegxl")),
    *((0, signature, _reader("tiff")) for signature in signatures.TIFF),
    *((0, signature, _reader("raw.olympus")) for signature in signatures.OLYMPUS),
    (0, signatures.PANASONIC, _reader("raw.panasonic")),
    (0, signatures.FUJIFILM, _reader("raw.fujifilm")),
    (0, b"8BPS", _reader("psd")),
    (0, b"qoif", _reader("qoi")),
    (0, b"icns", _reader("icns")),
    (0, signatures.DDS, _reader("dds")),
)
# Not compiled at import: most files are one of the above, and `re` keeps what it compiled.
_SHAPES: tuple[tuple[bytes, Read], ...] = (
    # With a count of 0 it would be the start of a TGA.
    (rb"\0\0\x01\0(?!\0\0)", _reader("ico")),
    (rb"\0\0\x02\0(?!\0\0)", _reader("ico", "read_cursor")),
    (rb"P[1-6fF](\s+[\d#]|#)", _reader("netpbm")),
    (rb"P7\r?\n", _reader("netpbm", "read_pam")),
    (rb"\n[\0\2\3\5][\0\1][\1\2\4\x08]", _reader("pcx")),
    (rb"\x01\xda[\0\1][\1\2]\0[\1-\3]", _reader("sgi")),
)
_HEAD = 4096

_ANY_RAW = frozenset(["image/x-dcraw", "image/x-raw"])

MEDIA_TYPES: Mapping[str, frozenset[str]] = {
    "JPEG": frozenset(["image/jpeg", "image/jpg", "image/pjpeg", "image/jfif", "image/mpo", "image/x-jpeg"]),
    "PNG": frozenset(["image/png", "image/x-png", "image/apng", "image/vnd.mozilla.apng"]),
    "GIF": frozenset(["image/gif"]),
    "WEBP": frozenset(["image/webp", "image/x-webp"]),
    "HEIF": frozenset(["image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence", "image/x-heic"]),
    "AVIF": frozenset(["image/avif", "image/avif-sequence", "image/heif", "image/heif-sequence"]),
    "TIFF": frozenset(["image/tiff", "image/tif", "image/x-tiff", "image/x-tif", "image/tiff-fx", "image/geotiff"])
    | _ANY_RAW,
    "DNG": frozenset(["image/x-adobe-dng", "image/dng", "image/x-dng", "image/tiff"]) | _ANY_RAW,
    "CR2": frozenset(["image/x-canon-cr2"]) | _ANY_RAW,
    "CR3": frozenset(["image/x-canon-cr3"]) | _ANY_RAW,
    "NEF": frozenset(["image/x-nikon-nef", "image/x-nikon-nrw"]) | _ANY_RAW,
    "ARW": frozenset(["image/x-sony-arw", "image/x-sony-sr2"]) | _ANY_RAW,
    "PEF": frozenset(["image/x-pentax-pef"]) | _ANY_RAW,
    "SRW": frozenset(["image/x-samsung-srw"]) | _ANY_RAW,
    "ORF": frozenset(["image/x-olympus-orf"]) | _ANY_RAW,
    "RW2": frozenset(["image/x-panasonic-rw2", "image/x-panasonic-raw", "image/x-leica-rwl"]) | _ANY_RAW,
    "RAF": frozenset(["image/x-fujifilm-raf", "image/x-fuji-raf"]) | _ANY_RAW,
    "BMP": frozenset(["image/bmp", "image/x-bmp", "image/x-ms-bmp", "image/x-windows-bmp", "image/dib"]),
    "DIB": frozenset(["image/bmp", "image/x-bmp", "image/x-ms-bmp", "image/x-windows-bmp", "image/dib"]),
    "ICO": frozenset(["image/x-icon", "image/vnd.microsoft.icon", "image/ico", "image/icon"]),
    "CUR": frozenset(["image/x-icon", "image/vnd.microsoft.icon", "image/x-win-bitmap", "image/x-cursor"]),
    "JPEG2000": frozenset(
        ["image/jp2", "image/jpx", "image/jpm", "image/j2k", "image/jpeg2000", "image/jpeg2000-image"]
    )
    | frozenset(["image/x-jp2", "image/x-jpeg2000-image", "image/j2c", "image/x-j2c", "image/x-jp2-codestream"]),
    "JXL": frozenset(["image/jxl", "image/x-jxl"]),
    "PSD": frozenset(["image/vnd.adobe.photoshop", "image/x-photoshop", "image/photoshop", "image/psd", "image/x-psd"])
    | frozenset(["application/photoshop", "application/x-photoshop", "application/psd"]),
    "PPM": frozenset(["image/x-portable-anymap", "image/x-portable-bitmap", "image/x-portable-graymap"])
    | frozenset(["image/x-portable-pixmap", "image/x-portable-arbitrarymap", "image/x-portable-floatmap"])
    | frozenset(["image/x-ppm", "image/x-pgm", "image/x-pbm", "image/x-pnm", "image/pnm"]),
    "QOI": frozenset(["image/qoi", "image/x-qoi"]),
    "ICNS": frozenset(["image/icns", "image/x-icns", "image/x-icon"]),
    "DDS": frozenset(["image/vnd-ms.dds", "image/vnd.ms-dds", "image/x-dds", "image/dds"]),
    "PCX": frozenset(["image/vnd.zbrush.pcx", "image/x-pcx", "image/pcx"]),
    "SGI": frozenset(["image/sgi", "image/x-sgi", "image/x-rgb", "image/rgb"]),
    "TGA": frozenset(["image/x-tga", "image/tga", "image/x-targa", "image/targa"]),
}
"""Format name → content types (lower case, without parameters) that agree with it."""


def find_reader(source: HeaderReader, file_name: str) -> Read:
    """The reader for the format of the content.

    Raises:
        HeaderRejectedError: unsupported_format; the detail names what the content is.
    """
    head = source.at(0, min(source.size, _HEAD))
    for offset, signature, read in _SIGNATURES:
        if head.startswith(signature, offset):
            return read
    guessed = _by_shape(head) or _tga(source, head, file_name)
    if guessed is None:
        from image_metadata.headers.unsupported import looks_like  # noqa: PLC0415  # with the first file that needs it

        raise unsupported(looks_like(head))
    return guessed


def _by_shape(head: bytes) -> Read | None:
    """Formats whose signature is so short that other fields of the header have to match too."""
    from image_metadata.headers import bmp  # noqa: PLC0415  # imported with the first file that needs it, as above

    if head.startswith(b"BM") and (head[6:10] == bytes(4) or int.from_bytes(head[14:18], "little") in bmp.HEADER_SIZES):
        return bmp.read
    if bmp.is_dib(head):
        return bmp.read_dib
    return next((read for shape, read in _SHAPES if re.match(shape, head)), None)


def _tga(source: HeaderReader, head: bytes, file_name: str) -> Read | None:
    from image_metadata.headers import tga  # noqa: PLC0415  # as above

    return tga.read if tga.is_tga(source, head, file_name) else None
