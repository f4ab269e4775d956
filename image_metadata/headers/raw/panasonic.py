"""RW2 (and Leica's RWL): a TIFF with a magic number and tags of Panasonic (ExifTool's documentation)."""

from image_metadata.headers.embedded.sources import header_fields
from image_metadata.headers.exif.ifd import Directory, TiffStructure, open_structure
from image_metadata.headers.raw.directories import TAGS, fetch_directories, number
from image_metadata.headers.raw.preview import read_preview
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.headers.tiff_metadata import tiff_sources
from image_metadata.model import ImageHeader

_SENSOR_SIZE = (2, 3)
_BORDERS = (4, 5, 6, 7)
_BITS, _PREVIEW = 0x000A, 0x002E


def read(source: HeaderReader) -> ImageHeader:
    """The sensor without its borders; EXIF of the main directory, and from the preview what that lacks."""
    structure = open_structure(source, 0, source.size)
    if structure is None:
        raise corrupt("a TIFF header", f"{source.size} bytes")
    main, _ = structure.directory(structure.first, TAGS | {*_SENSOR_SIZE, *_BORDERS, _BITS, _PREVIEW})
    width, height = _size(structure, main)
    preview = main.get(_PREVIEW)
    sources = tiff_sources(fetch_directories(structure, main), main)
    return ImageHeader(
        format="RW2",
        width=width,
        height=height,
        **header_fields(*sources, read_preview(source, preview.position) if preview else None),
        bit_depth=number(structure, main, _BITS),
        has_alpha=False,
        frame_count=1,
    )


def _size(structure: TiffStructure, main: Directory) -> tuple[int, int]:
    """From top, left, bottom and right border; or the whole sensor where the directory has no borders."""
    borders = [value for tag in _BORDERS for value in structure.integers(main.get(tag))]
    if len(borders) == len(_BORDERS):
        return borders[3] - borders[1], borders[2] - borders[0]
    sensor = [value for tag in _SENSOR_SIZE for value in structure.integers(main.get(tag))]
    if len(sensor) == len(_SENSOR_SIZE):
        return sensor[0], sensor[1]
    raise corrupt("the size or the borders of the sensor", "a directory without them")
