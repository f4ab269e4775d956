"""HEIF and AVIF, still and in sequences (ISO/IEC 23008-12; AV1 Image File Format)."""

from dataclasses import dataclass
from typing import Any

from image_metadata.headers.embedded.sources import Source, header_fields
from image_metadata.headers.isobmff.boxes import Box, boxes
from image_metadata.headers.isobmff.coding import is_alpha, read_coding
from image_metadata.headers.isobmff.item_metadata import item_sources
from image_metadata.headers.isobmff.items import Items, read_items
from image_metadata.headers.isobmff.minimized_image import read_mini
from image_metadata.headers.isobmff.tracks import ImageSequence, read_sequence
from image_metadata.headers.isobmff.transforms import view
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt, unsupported
from image_metadata.model import ImageHeader
from image_metadata.text import printable

_STILL = frozenset(
    b"heic heix heim heis hevm mif1 mif2 mif3 miaf avif avci jpeg j2ki vvic unif MiHB MiHA MiHE MiAB MiAn".split()
)
_SEQUENCES = frozenset(b"hevc hevx heva hevs msf1 avis avcs jpgs j2is vvis".split())
_OTHERS = {
    b"qt  ": "a QuickTime video",
    b"M4A ": "an MPEG-4 sound",
    b"M4B ": "an MPEG-4 audio book",
    b"M4V ": "an MPEG-4 video",
    b"3gp": "a 3GPP video",
    b"3g2": "a 3GPP2 video",
    b"iso": "an MPEG-4 video",
    b"mp4": "an MPEG-4 video",
    b"avc1": "an MPEG-4 video",
    b"dash": "an MPEG-4 video",
    b"f4v ": "a Flash video",
}
_BRANDS_READ = 1024
# Some phones write EXIF at the end of the image's data, and behind it a meta box of hundreds of tiles.
_BEFORE, _AHEAD = 4 * 1024, 32 * 1024
_DEEPEST = 4
_MOST_AUXILIARY = 16


def read(source: HeaderReader) -> ImageHeader:
    """The properties of the primary item, or the first track of images; neither pixels nor color profiles.

    ``width`` and ``height`` are those of ``ispe``; ``display_*`` those after ``clap``, ``irot`` and ``imir``. EXIF's
    own orientation does not count, as the transformations replace it (ISO/IEC 23008-12, A.2.1).

    Raises:
        HeaderRejectedError: unsupported_format for other files made of boxes; the detail names what they are.
    """
    brands = _brands(source)
    if not brands & (_STILL | _SEQUENCES):
        raise unsupported(_describe(source))
    is_sequence = bool(brands & _SEQUENCES)
    directories = _read_directories(source, is_sequence=is_sequence)
    items = directories.items
    sequence = read_sequence(source, directories.moov) if directories.moov else None
    if sequence and (items is None or source.at(8, 4) == b"avis"):
        return _of_sequence(source, sequence, item_sources(items) if items else [])
    if items:
        return _of_items(items, sequence if is_sequence else None)
    if directories.mini:
        return read_mini(source, directories.mini)
    raise corrupt("a primary item or a track of images", "neither")


def _brands(source: HeaderReader) -> set[bytes]:
    """The major brand and the compatible ones (ISO/IEC 14496-12, 4.3)."""
    head = next(boxes(source, 0, source.size), None)
    if head is None or head.kind != b"ftyp":
        raise corrupt("a file type box at the start", "none")
    listed = head.content(source, _BRANDS_READ)
    return {listed[at : at + 4] for at in range(0, len(listed), 4) if at != 4}  # noqa: PLR2004  # the minor version


def _describe(source: HeaderReader) -> str:
    brand = source.at(8, 4)
    unknown = f"a file of brand {printable(brand.decode('latin-1'))}"
    return next((name for start, name in _OTHERS.items() if brand.startswith(start)), unknown)


@dataclass(slots=True)
class _Directories:
    """What describes the images of a file: items of ``meta``, ``moov``, ``mini``; the first of each."""

    items: Items | None = None
    moov: Box | None = None
    mini: Box | None = None


def _read_directories(source: HeaderReader, *, is_sequence: bool) -> _Directories:
    """Look behind the first directory only in a sequence, and only where that costs no request."""
    found = _Directories()
    for box in boxes(source, 0, source.size):
        if box.kind == b"meta":
            found.items = found.items or read_items(source, box)
        elif box.kind == b"moov":
            found.moov = found.moov or box
        elif box.kind == b"mini":
            found.mini = found.mini or box
        still = found.items or found.mini
        if still and (found.moov or not is_sequence):
            break
        if is_sequence and (still or found.moov) and not source.holds(box.end, 8):
            break
        _fetch_around(source, box.end)
    return found


def _fetch_around(source: HeaderReader, offset: int) -> None:
    """Hold the bytes on both sides of an offset, fetched in one request where they are not held yet."""
    if not source.holds(offset, 8) and offset + 8 <= source.size:
        source.at(max(0, offset - _BEFORE), _BEFORE, _AHEAD)


def _of_sequence(source: HeaderReader, sequence: ImageSequence, sources: list[Source]) -> ImageHeader:
    coding = read_coding(source, sequence.configuration)
    return ImageHeader(
        format=_format(sequence.codec),
        width=sequence.width,
        height=sequence.height,
        **_embedded_fields(sources),
        color_mode=coding.color_mode(has_alpha=sequence.has_alpha),
        bit_depth=coding.bit_depth,
        has_alpha=sequence.has_alpha,
        frame_count=sequence.frame_count,
    )


def _of_items(items: Items, sequence: ImageSequence | None) -> ImageHeader:
    source = items.source
    family = _family(items, items.primary)
    planes = sorted(items.referring(b"auxl", family))[:_MOST_AUXILIARY]
    properties = items.properties({*family, *planes})
    item, base = family[0], family[-1]
    width, height = _size(source, properties[item])
    shown = view(source, properties[item], width, height)
    # The coded image says more than the grid that is made of it.
    coding = read_coding(source, properties[base])
    codec = items.kinds.get(base)
    has_alpha = any(box.kind == b"auxC" and is_alpha(source, box) for plane in planes for box in properties[plane])
    return ImageHeader(
        format=_format(codec),
        width=width,
        height=height,
        **_embedded_fields(item_sources(items), shown.orientation),
        display_width=shown.width,
        display_height=shown.height,
        color_mode=coding.color_mode(has_alpha=has_alpha),
        bit_depth=coding.bit_depth,
        has_alpha=has_alpha,
        frame_count=_frame_count(items, codec, sequence),
    )


def _format(codec: bytes | None) -> str:
    return "AVIF" if codec == b"av01" else "HEIF"


def _size(source: HeaderReader, properties: list[Box]) -> tuple[int, int]:
    """``ispe``: ISO/IEC 23008-12, 6.5.3."""
    extents = next((box for box in properties if box.kind == b"ispe"), None)
    if extents is None:
        raise corrupt("the size of the primary item", "none")
    content = extents.content(source, 12)
    return int.from_bytes(content[4:8], "big"), int.from_bytes(content[8:12], "big")


def _family(items: Items, item: int) -> list[int]:
    """The item, what it is derived from, and so on down to a coded image."""
    family = [item]
    while len(family) < _DEEPEST and (base := items.first_input(family[-1])) is not None:
        family.append(base)
    return family


def _frame_count(items: Items, codec: bytes | None, sequence: ImageSequence | None) -> int | None:
    """The frames of a sequence, the images of a HEIF collection; AVIF is one image to Pillow."""
    if sequence:
        return sequence.frame_count
    return 1 if codec == b"av01" else items.master_images()


def _embedded_fields(sources: list[Source], orientation: int | None = None) -> dict[str, Any]:
    """With the orientation of the transformations; without any it is 1 where EXIF has one, which does not count."""
    fields = header_fields(*sources)
    return {**fields, "orientation": orientation or (1 if fields.get("orientation") else None)}
