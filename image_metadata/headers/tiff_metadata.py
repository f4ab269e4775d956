"""Metadata in the main directory of a TIFF: EXIF, and XMP, IPTC and Photoshop's resources in tags of their own.

(XMP part 3, section 1.1.4: tag 700; IPTC-IIM: tag 33723; Photoshop: tag 34377.)
"""

from collections.abc import Callable, Mapping

from image_metadata.headers.embedded.iptc import read_iptc
from image_metadata.headers.embedded.photoshop import read_resource_block
from image_metadata.headers.embedded.sources import Source
from image_metadata.headers.embedded.xmp import read_xmp
from image_metadata.headers.exif.fields import MAIN_TAGS, exif_source
from image_metadata.headers.exif.ifd import Directory, TiffStructure

_READERS: Mapping[int, Callable[[bytes], list[Source]]] = {
    700: lambda packet: [read_xmp(packet)],
    33723: lambda block: [read_iptc(block)],
    34377: read_resource_block,
}
TAGS = MAIN_TAGS | _READERS.keys()
"""What ``tiff_sources`` looks for in the main directory."""

_LONGEST_FETCH = 64 * 1024


def tiff_sources(structure: TiffStructure, main: Directory) -> list[Source]:
    """All sources; one block that is not held is fetched, and only where EXIF has no camera date."""
    exif = exif_source(structure, main)
    sources, may_fetch = [exif], not (exif.has_camera_date or structure.is_held_only)
    for tag, read in _READERS.items():
        start, end = structure.span(main[tag]) if tag in main else (0, 0)
        is_held = structure.source.holds(start, end - start)
        if start < end and (is_held or (may_fetch and end - start <= _LONGEST_FETCH)):
            may_fetch &= is_held
            sources += read(structure.source.at(start, end - start))
    return sources
