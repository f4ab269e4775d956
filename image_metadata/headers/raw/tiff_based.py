"""Raw files that are TIFF: DNG, CR2, NEF, ARW, PEF, SRW.

(Adobe, "Digital Negative Specification"; ISO 12234-2, TIFF/EP; ExifTool's documentation of what camera makers added.)
"""

from image_metadata.headers.embedded.sources import Rank, Source, header_fields
from image_metadata.headers.embedded.text import READ, clean, decode
from image_metadata.headers.exif.fields import EXIF_IFD, MAKE
from image_metadata.headers.exif.ifd import Directory, TiffStructure
from image_metadata.headers.raw.directories import (
    DNG_VERSION,
    NEW_SUBFILE_TYPE,
    PHOTOMETRIC,
    WIDTH,
    Picture,
    fetch_directories,
    full_picture,
    number,
    pictures,
)
from image_metadata.headers.tiff_metadata import tiff_sources
from image_metadata.model import ImageHeader

_CR2_MARK = b"CR\x02"
_CR2_MARK_AT = 8
# How the maker's name begins → format.
_MAKERS = (
    (b"nikon", "NEF"),
    (b"sony", "ARW"),
    (b"pentax", "PEF"),
    (b"ricoh", "PEF"),
    (b"asahi", "PEF"),
    (b"samsung", "SRW"),
)
_REDUCED = 1
# A color filter array, linear raw data.
_SENSOR_DATA = frozenset([32803, 34892])
# Compressions of Sony, packed data, Samsung, Nikon, Kodak, Pentax.
_RAW_COMPRESSIONS = frozenset([32767, 32769, 32770, 32772, 34713, 65000, 65535])
_PIXEL_WIDTH, _PIXEL_HEIGHT, _MAKER_NOTE, _CANON_LENS = 0xA002, 0xA003, 0x927C, 0x0095


def read_raw(structure: TiffStructure, main: Directory, following: int) -> ImageHeader | None:
    """The header of a raw file; None for any other TIFF, for most of which nothing is fetched."""
    is_cr2 = structure.source.at(_CR2_MARK_AT, len(_CR2_MARK)) == _CR2_MARK
    is_dng = DNG_VERSION in main
    if not (is_cr2 or is_dng or _may_hold_raw(structure, main)):
        return None
    held = fetch_directories(structure, main)
    picture = full_picture(pictures(held, main, following))
    if picture is None:
        return None
    file_format = "CR2" if is_cr2 else "DNG" if is_dng else _format(held, main, picture)
    if file_format is None:
        return None
    width, height = (is_cr2 and _pixel_size(held, main)) or (picture.width, picture.height)
    return ImageHeader(
        format=file_format,
        width=width,
        height=height,
        **header_fields(*tiff_sources(held, main), _maker_note(held, main) if is_cr2 else None),
        # The main directory of a CR2 is a JPEG, whose depth is not that of the sensor's data.
        bit_depth=None if is_cr2 else picture.bit_depth,
        has_alpha=False,
        frame_count=1,
    )


def _maker_note(structure: TiffStructure, main: Directory) -> Source | None:
    """The lens in Canon's maker note, a directory of its own: older cameras write it nowhere else."""
    for offset in structure.integers(main.get(EXIF_IFD)):
        note = structure.directory(offset, frozenset([_MAKER_NOTE]))[0].get(_MAKER_NOTE)
        if note:
            lens = structure.directory(note.position - structure.start, frozenset([_CANON_LENS]))[0].get(_CANON_LENS)
            return Source(rank=Rank.EXIF, lens_model=clean(decode(structure.ascii(lens, READ))))
    return None


def _may_hold_raw(structure: TiffStructure, main: Directory) -> bool:
    """Whether the main directory is a preview, has no size, or is sensor data itself."""
    return (
        WIDTH not in main
        or number(structure, main, NEW_SUBFILE_TYPE) == _REDUCED
        or number(structure, main, PHOTOMETRIC) in _SENSOR_DATA
    )


def _format(structure: TiffStructure, main: Directory, picture: Picture) -> str | None:
    """By the maker of the camera; ``TIFF`` for the sensor data of another maker; None where it is no sensor data."""
    if picture.photometric not in _SENSOR_DATA and picture.compression not in _RAW_COMPRESSIONS:
        return None
    make = structure.ascii(main.get(MAKE), 16).lower()
    return next((file_format for name, file_format in _MAKERS if make.startswith(name)), "TIFF")


def _pixel_size(structure: TiffStructure, main: Directory) -> tuple[int, int] | None:
    """PixelXDimension and PixelYDimension of EXIF: in a CR2 the main directory may be a smaller preview."""
    for offset in structure.integers(main.get(EXIF_IFD)):
        exif = structure.directory(offset, frozenset([_PIXEL_WIDTH, _PIXEL_HEIGHT]))[0]
        width, height = number(structure, exif, _PIXEL_WIDTH), number(structure, exif, _PIXEL_HEIGHT)
        if width and height:
            return width, height
    return None
