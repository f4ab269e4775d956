"""The directories of a TIFF-based raw file: several pictures, of which one is the full picture."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from image_metadata.headers.exif.fields import EXIF_IFD, GPS_IFD, MAIN_TAGS
from image_metadata.headers.exif.ifd import Directory, TiffStructure
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.tiff_metadata import TAGS as METADATA_TAGS

NEW_SUBFILE_TYPE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 0x00FE, 0x0100, 0x0101, 0x0102, 0x0103, 0x0106
SUB_IFDS, DNG_VERSION, UNIQUE_CAMERA_MODEL = 0x014A, 0xC612, 0xC614
TAGS = METADATA_TAGS | {
    NEW_SUBFILE_TYPE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, SUB_IFDS, DNG_VERSION, UNIQUE_CAMERA_MODEL,
}  # fmt: skip

_FULL_RESOLUTION = 0
_MOST_SUB_IFDS, _MOST_DIRECTORIES = 16, 24
_MOST_REQUESTS = 3
_SPAN, _MARGIN = 12 * 1024, 4 * 1024


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of one directory.

    Attributes:
        subfile_type: 0 for a picture of full resolution; None where the directory does not say it.
        bit_depth: bits per channel.
        photometric: what the numbers mean (32803 is a color filter array); None where it is not said.
    """

    width: int
    height: int
    subfile_type: int | None
    bit_depth: int | None
    compression: int | None
    photometric: int | None


def pictures(structure: TiffStructure, main: Directory, following: int) -> Iterator[Picture]:
    """The pictures in ExifTool's order: the main directory, its sub-directories, then the following directories.

    A directory that a third request would not bring is left out.
    """
    sub_ifds = structure.integers(main.get(SUB_IFDS), _MOST_SUB_IFDS)
    _fetch(structure, [*sub_ifds, *_linked(structure, main)])
    yield from _picture(structure, main)
    for offset in sub_ifds:
        if structure.holds_directory(offset):
            yield from _picture(structure, structure.directory(offset, TAGS)[0])
    visited = {0, structure.first}
    while following not in visited and len(visited) < _MOST_DIRECTORIES and structure.holds_directory(following):
        visited.add(following)
        directory, following = structure.directory(following, TAGS)
        yield from _picture(structure, directory)


def full_picture(candidates: Iterable[Picture]) -> Picture | None:
    """The first picture of full resolution, else the first: what ExifTool calls ImageWidth and ImageHeight."""
    listed = list(candidates)
    full = (picture for picture in listed if picture.subfile_type == _FULL_RESOLUTION)
    return next(full, next(iter(listed), None))


def reachable(structure: TiffStructure, main: Directory) -> Directory:
    """The main directory without what it would take a further request to read.

    That is a link to an Exif or GPS directory, or a block of XMP, IPTC or Photoshop's resources.
    """
    missing = {
        tag
        for tag in (EXIF_IFD, GPS_IFD)
        for offset in structure.integers(main.get(tag))
        if not structure.holds_directory(offset)
    }
    for tag in main.keys() & (METADATA_TAGS - MAIN_TAGS):
        start, end = structure.span(main[tag])
        if not structure.source.holds(start, end - start):
            missing.add(tag)
    return {tag: field for tag, field in main.items() if tag not in missing}


def number(structure: TiffStructure, directory: Directory, tag: int) -> int | None:
    """The first value under a tag; None where there is no integer."""
    return next(iter(structure.integers(directory.get(tag))), None)


def _linked(structure: TiffStructure, main: Directory) -> list[int]:
    return [offset for tag in (EXIF_IFD, GPS_IFD) for offset in structure.integers(main.get(tag))]


def _picture(structure: TiffStructure, directory: Directory) -> Iterator[Picture]:
    width, height = number(structure, directory, WIDTH), number(structure, directory, HEIGHT)
    if width and height:
        yield Picture(
            width,
            height,
            number(structure, directory, NEW_SUBFILE_TYPE),
            number(structure, directory, BITS),
            number(structure, directory, COMPRESSION),
            number(structure, directory, PHOTOMETRIC),
        )


def _fetch(structure: TiffStructure, offsets: Iterable[int]) -> None:
    """Bring directories that are not held, those close together in one request, as far as three requests go."""
    source = structure.source
    missing = [offset for offset in offsets if 0 < offset < source.size and not structure.holds_directory(offset)]
    while missing and source.requests < _MOST_REQUESTS:
        start = missing[0]
        near = [offset for offset in missing if 0 <= offset - start < _SPAN]
        _hold(source, start, max(near) + _MARGIN - start)
        missing = [offset for offset in missing if offset not in near]


def _hold(source: HeaderReader, start: int, length: int) -> None:
    source.at(start, min(length, source.size - start))
