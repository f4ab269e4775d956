"""The directories of a TIFF-based raw file: several pictures, of which one is the full picture."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from image_metadata.headers.exif.fields import EXIF_IFD, GPS_IFD
from image_metadata.headers.exif.ifd import Directory, TiffStructure
from image_metadata.headers.tiff_metadata import TAGS as METADATA_TAGS

NEW_SUBFILE_TYPE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 0x00FE, 0x0100, 0x0101, 0x0102, 0x0103, 0x0106
SUB_IFDS, DNG_VERSION = 0x014A, 0xC612
TAGS = METADATA_TAGS | {
    NEW_SUBFILE_TYPE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, SUB_IFDS, DNG_VERSION,
}  # fmt: skip

_FULL_RESOLUTION = 0
_MOST_SUB_IFDS, _MOST_DIRECTORIES = 16, 24
_MOST_REQUESTS = 3
# A directory has its values behind it, some writers put some in front.
_SPAN, _BEFORE, _BEHIND = 4 * 1024, 1024, 4 * 1024


class Picture(NamedTuple):
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


def fetch_directories(structure: TiffStructure, main: Directory) -> TiffStructure:
    """Fetch what the main directory links to, those close together at once, as far as three requests in total go.

    The structure that is returned fetches nothing more: what these requests do not bring reads as absent.
    """
    source = structure.source
    links = [*structure.integers(main.get(SUB_IFDS), _MOST_SUB_IFDS)]
    links += [offset for tag in (EXIF_IFD, GPS_IFD) for offset in structure.integers(main.get(tag))]
    missing = [offset for offset in links if 0 < offset < source.size and not structure.holds_directory(offset)]
    while missing and source.requests < _MOST_REQUESTS:
        near = [offset for offset in missing if abs(offset - missing[0]) < _SPAN]
        start = max(0, min(near) - _BEFORE)
        source.prefetch(start, max(near) + _BEHIND - start)
        missing = [offset for offset in missing if offset not in near]
    return structure._replace(is_held_only=True)


def pictures(structure: TiffStructure, main: Directory, following: int) -> Iterator[Picture]:
    """The pictures in ExifTool's order: the main directory, its sub-directories, then the following directories."""
    yield from _picture(structure, main)
    for offset in structure.integers(main.get(SUB_IFDS), _MOST_SUB_IFDS):
        yield from _picture(structure, structure.directory(offset, TAGS)[0])
    visited = {0, structure.first}
    while following not in visited and len(visited) < _MOST_DIRECTORIES:
        visited.add(following)
        directory, following = structure.directory(following, TAGS)
        yield from _picture(structure, directory)


def full_picture(candidates: Iterable[Picture]) -> Picture | None:
    """The first picture of full resolution, else the first: what ExifTool calls ImageWidth and ImageHeight."""
    listed = list(candidates)
    full = (picture for picture in listed if picture.subfile_type == _FULL_RESOLUTION)
    return next(full, next(iter(listed), None))


def number(structure: TiffStructure, directory: Directory, tag: int) -> int | None:
    """The first value under a tag; None where there is no integer."""
    return next(iter(structure.integers(directory.get(tag))), None)


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
