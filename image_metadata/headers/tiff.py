"""TIFF and BigTIFF (TIFF 6.0; Adobe, "BigTIFF"); also the way to the raw files that are TIFF."""

# ruff: noqa: PLR2004 - the numbers of a header are those of its specification

from PIL.TiffImagePlugin import COMPRESSION_INFO, OPEN_INFO

from image_metadata.headers.embedded.sources import header_fields
from image_metadata.headers.exif.ifd import Directory, TiffStructure, open_structure
from image_metadata.headers.raw import directories
from image_metadata.headers.raw.tiff_based import read_raw
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt
from image_metadata.headers.tiff_metadata import TAGS as METADATA_TAGS
from image_metadata.headers.tiff_metadata import tiff_sources
from image_metadata.model import ImageHeader

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_FILL_ORDER, _SAMPLES, _PLANES, _EXTRA, _FORMAT = 266, 277, 284, 338, 339
_TAGS = (
    METADATA_TAGS
    | directories.TAGS
    | frozenset([_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER, _SAMPLES, _PLANES, _EXTRA, _FORMAT])
)
_NEW_SUBFILE_TYPE, _SUBFILE_TYPE = 254, 255
_PAGE_TAGS = frozenset([_NEW_SUBFILE_TYPE, _SUBFILE_TYPE])
_REDUCED, _MASK, _REDUCED_IMAGE = 1, 4, 2
_YCBCR, _SEPARATE = 6, 2
_ALPHA_KINDS = frozenset([1, 2])
_OLD_JPEG = 6
_MOST_SAMPLES = 8
_PREFIXES = {"<": b"II", ">": b"MM"}
_MOST_PAGES = 1000
_MARGIN = 4 * 1024


def read(source: HeaderReader) -> ImageHeader:
    """A raw file, or else the first directory; ``width`` and ``height`` as stored, whatever the orientation."""
    structure = open_structure(source, 0, source.size)
    if structure is None:
        raise corrupt("a TIFF header", f"{source.size} bytes")
    _fetch_around(source, structure.first)
    main, following = structure.directory(structure.first, _TAGS)
    raw = read_raw(structure, main, following)
    if raw is not None:
        return raw
    size = structure.integers(main.get(_WIDTH)) + structure.integers(main.get(_HEIGHT))
    if len(size) != 2:
        raise corrupt(f"width and height in the directory at offset {structure.first}", "neither")
    mode, depth, has_alpha = _pixels(structure, main)
    return ImageHeader(
        format="TIFF",
        width=size[0],
        height=size[1],
        **header_fields(*tiff_sources(structure, main)),
        color_mode=mode,
        bit_depth=depth,
        has_alpha=has_alpha,
        frame_count=_pages(structure, following),
    )


def _fetch_around(source: HeaderReader, offset: int) -> None:
    """Fetch a far directory and its values in one request: most writers put them close before or after it."""
    if not source.holds(offset, 2) and offset < source.size:
        start = max(0, offset - _MARGIN)
        source.at(start, min(2 * _MARGIN, source.size - start))


def _pixels(structure: TiffStructure, main: Directory) -> tuple[str | None, int, bool]:
    """Pillow's mode (None where it opens no such pixels), bits per channel, whether there is an alpha channel."""

    def number(tag: int, default: int) -> int:
        return (structure.integers(main.get(tag)) or (default,))[0]

    def numbers(tag: int, default: tuple[int, ...]) -> tuple[int, ...]:
        return structure.integers(main.get(tag), _MOST_SAMPLES) or default

    compression = COMPRESSION_INFO.get(number(_COMPRESSION, 1))
    photometric = _YCBCR if number(_COMPRESSION, 1) == _OLD_JPEG else number(_PHOTOMETRIC, 0)
    bits, extra, kinds = numbers(_BITS, (1,)), numbers(_EXTRA, ()), numbers(_FORMAT, (1,))
    has_alpha = not _ALPHA_KINDS.isdisjoint(extra)
    samples = number(_SAMPLES, 3 if compression == "tiff_jpeg" else 1)
    if number(_PLANES, 1) == _SEPARATE and extra and max(extra) == 0:
        bits, samples, extra = bits[: -len(extra)], samples - len(extra), ()
    bits = bits * min(samples, _MOST_SAMPLES) if len(bits) == 1 else bits[: max(samples, 0)]
    kinds = kinds[:1] if len(set(kinds)) == 1 else kinds
    key = (_PREFIXES[structure.byte_order], photometric, kinds, number(_FILL_ORDER, 1), bits, extra)
    mode = OPEN_INFO[key][0] if compression and len(bits) == samples and key in OPEN_INFO else None
    if mode and photometric == _YCBCR and compression != "raw":
        mode = "RGB"
    return mode, max(bits, default=1), has_alpha or mode in ("RGBA", "LA", "PA")


def _pages(structure: TiffStructure, following: int) -> int | None:
    """How many directories hold a page, where that is known without a request; the first counts whatever it is."""
    visited, pages = {0, structure.first}, 1
    while following not in visited and len(visited) <= _MOST_PAGES:
        visited.add(following)
        if not structure.holds_directory(following):
            return None
        directory, following = structure.directory(following, _PAGE_TAGS)
        pages += _is_page(structure, directory)
    return pages


def _is_page(structure: TiffStructure, directory: Directory) -> bool:
    """TIFF 6.0 p. 36 and 40: neither a smaller version of another image (a thumbnail) nor a transparency mask."""
    (flags,) = structure.integers(directory.get(_NEW_SUBFILE_TYPE)) or (0,)
    (kind,) = structure.integers(directory.get(_SUBFILE_TYPE)) or (0,)
    return not flags & (_REDUCED | _MASK) and kind != _REDUCED_IMAGE
