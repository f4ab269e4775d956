"""Metadata items of a HEIF file: EXIF and XMP that describe the primary image (ISO/IEC 23008-12, annex A)."""

from image_metadata.errors import HeaderRejectedError
from image_metadata.headers.embedded.sources import Source
from image_metadata.headers.embedded.xmp import read_xmp
from image_metadata.headers.exif.fields import read_exif_bytes
from image_metadata.headers.isobmff.items import Items
from image_metadata.headers.reader import HeaderReader
from image_metadata.model import RejectionReason

_LONGEST_READ = 64 * 1024


def item_sources(items: Items) -> list[Source]:
    """EXIF for one further read at most, since cameras put it behind the pixels, too; XMP where EXIF has no date.

    XMP that is already held is read in any case.
    """
    exif = _content(items, b"Exif", may_fetch=True)
    sources = [read_exif_bytes(_tiff_structure(exif))] if exif else []
    packet = _content(items, b"mime", may_fetch=not any(source.has_camera_date for source in sources))
    return [*sources, read_xmp(packet)] if packet else sources


def _content(items: Items, kind: bytes, *, may_fetch: bool) -> bytes:
    """The content of the first item of that type that describes the primary image; empty where that is damaged."""
    described = items.referring(b"cdsc", [items.primary])
    item = next((item for item, its_kind in items.kinds.items() if its_kind == kind and item in described), None)
    try:
        extents = items.extents(item) if item is not None else []
        spans = _affordable(items.source, extents, may_fetch=may_fetch)
        return b"".join(items.source.at(start, end - start) for start, end in spans)
    except HeaderRejectedError as rejection:
        if rejection.reason != RejectionReason.CORRUPT:
            raise
        return b""


def _tiff_structure(content: bytes) -> bytes:
    """A.2.1: the first four bytes give its distance from their end. Some writers leave them out."""
    return content if content[:2] in (b"II", b"MM") else content[4 + int.from_bytes(content[:4], "big") :]


def _affordable(source: HeaderReader, extents: list[tuple[int, int]], *, may_fetch: bool) -> list[tuple[int, int]]:
    """The extents if they are held; of a single one otherwise its beginning, behind which are only previews."""
    if len(extents) == 1:
        ((start, end),) = extents
        # An upload that was cut off within its EXIF still has the beginning of it.
        end = max(start, min(end, start + _LONGEST_READ, source.size))
        return [(start, end)] if may_fetch or source.holds(start, end - start) else []
    return extents if all(source.holds(start, end - start) for start, end in extents) else []
