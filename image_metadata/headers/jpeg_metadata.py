"""Metadata in the application segments of a JPEG: EXIF and XMP in APP1, Photoshop's resources in APP13.

(CIPA DC-008 section 4.7; XMP part 3, section 1.1.3; IPTC-IIM is one of Photoshop's resources.)
"""

import re

from image_metadata.headers.embedded.sources import Source, missing_fields
from image_metadata.headers.exif.fields import read_exif
from image_metadata.headers.reader import HeaderReader

_APP1, _APP13 = 0xE1, 0xED
METADATA_MARKERS = frozenset([_APP1, _APP13])
"""Markers of the segments that may hold metadata."""

_EXIF = re.compile(rb"Exif\0.", re.DOTALL)
_EXIF_LENGTH = 6
_BYTE_ORDERS = (b"II", b"MM")
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_LONGEST_IDENTIFIER = len(_XMP)
MOST_BLOCKS = 16
"""Segments with metadata that are looked at; a photo has three."""

Span = tuple[int, int]
"""Where bytes start and end in the file."""


class SegmentMetadata:
    """Collects the sources of metadata while the segments are walked.

    Each EXIF block is a source of its own, except that a segment without a TIFF header continues the block before it.
    XMP and Photoshop's resources that were not fetched on the way are fetched at the end, with one request, and only
    if EXIF has no camera date.
    """

    def __init__(self, source: HeaderReader) -> None:
        self._source = source
        self._blocks = 0
        self._may_fetch = True
        self._exif: list[Source] = []
        self._last_exif: list[Span] = []
        self._xmp: list[Span] = []
        self._photoshop: list[Span] = []

    @property
    def has_camera_date(self) -> bool:
        """Whether EXIF has one, so that no more is looked for."""
        return bool(self._exif) and any(exif.has_camera_date for exif in self._exif)

    def add(self, marker: int, start: int, end: int) -> None:
        """A segment with one of ``METADATA_MARKERS`` whose content lies between ``start`` and ``end``."""
        end = min(end, self._source.size)
        if start >= end or self._blocks >= MOST_BLOCKS:
            return
        identifier = self._source.at(start, min(_LONGEST_IDENTIFIER, end - start))
        if marker == _APP1 and _EXIF.match(identifier):
            self._add_exif(start + _EXIF_LENGTH, end)
        elif marker == _APP1 and identifier.startswith(_XMP):
            self._xmp.append((start + len(_XMP), end))
        elif marker == _APP13 and identifier.startswith(_PHOTOSHOP):
            self._photoshop.append((start + len(_PHOTOSHOP), end))
        else:
            return
        self._blocks += 1

    def sources(self) -> list[Source]:
        """All that can count; those of one kind in the order of the file."""
        if not (self._xmp or self._photoshop):
            return self._exif
        # Imported here: a cold start does not wait for a parser that a photo from a camera has no use for.
        from image_metadata.headers.embedded.photoshop import read_resource_block  # noqa: PLC0415  # see above
        from image_metadata.headers.embedded.xmp import may_contain, read_xmp  # noqa: PLC0415  # see above

        self._may_fetch, wanted = not self.has_camera_date, missing_fields(self._exif)
        packets = [packet for span in self._xmp if (packet := self._affordable([span]))]
        xmp = [read_xmp(packet) for packet in packets if may_contain(packet, wanted)]
        photoshop = read_resource_block(self._affordable(self._photoshop)) if self._photoshop and wanted else []
        return [*self._exif, *xmp, *photoshop]

    def _affordable(self, spans: list[Span]) -> bytes:
        """The bytes of the spans if they are held or are the first that have to be fetched; otherwise none."""
        is_held = all(self._source.holds(start, end - start) for start, end in spans)
        if not (is_held or self._may_fetch):
            return b""
        self._may_fetch &= is_held
        return b"".join(self._source.at(start, end - start) for start, end in spans)

    def _add_exif(self, start: int, end: int) -> None:
        continues = bool(self._last_exif) and self._source.at(start, min(2, end - start)) not in _BYTE_ORDERS
        self._last_exif = [*self._last_exif, (start, end)] if continues else [(start, end)]
        if continues:
            joined = _join(self._source, self._last_exif)
            self._exif[-1] = read_exif(joined, 0, joined.size)
        else:
            self._exif.append(read_exif(self._source, start, end))


def _join(source: HeaderReader, spans: list[Span]) -> HeaderReader:
    """The spans as one file, of which as much is read as is looked at."""

    def fetch(offset: int, length: int) -> bytes:
        data = b""
        for start, end in spans:
            if offset < end - start and length > len(data):
                wanted = min(end - start - offset, length - len(data))
                data += source.at(start + offset, wanted)
            offset = max(0, offset - (end - start))
        return data

    return HeaderReader(fetch, sum(end - start for start, end in spans))
