"""The items of a HEIF file: what its ``meta`` box says (ISO/IEC 14496-12, clause 8.11).

Nothing is collected: each question walks the boxes again, so that a file with many items costs no memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from image_metadata.headers.boxes import Box, Fields, boxes, children, corrupt, find
from image_metadata.reader import HeaderReader

_MOST_EXTENTS = 32
_IN_FILE_OR_IDAT = (0, 1)
# Metadata, regions, and tone-mapped alternatives of another picture.
_NO_IMAGES = frozenset({b"Exif", b"mime", b"uri ", b"rgan", b"tmap"})


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a ``meta`` box that has a primary item; an item is known by its number."""

    source: HeaderReader
    meta: Box

    def primary(self) -> int:
        """Clause 8.11.4: the item that is the picture."""
        pitm = find(self.source, self.meta, b"pitm")
        if pitm is None:
            raise corrupt("a primary item", "none")
        fields = Fields(pitm.content(self.source, 8))
        return fields.uint(_id_length(fields.uint(4) >> 24))

    def kinds(self) -> Iterator[tuple[int, bytes, bool]]:
        """Clause 8.11.6: item, four-character type and whether it is hidden, of every item that has a type."""
        iinf = find(self.source, self.meta, b"iinf")
        if iinf is None:
            return
        entries = iinf.start + (8 if self.source.at(iinf.start, 1)[0] else 6)
        for box in boxes(self.source, entries, iinf.end):
            fields = Fields(box.content(self.source, 14))
            head = fields.uint(4)
            version = head >> 24
            if box.kind == b"infe" and version >= 2:  # noqa: PLR2004 - the first with a type
                item = fields.uint(_id_length(version > 2))  # noqa: PLR2004 - the last with short numbers
                fields.uint(2)
                yield item, fields.bytes(4), bool(head & 1)

    def kind(self, item: int) -> bytes | None:
        return next((kind for number, kind, _ in self.kinds() if number == item), None)

    def master_images(self) -> int:
        """How many pictures are meant to be shown: neither hidden nor a thumbnail or an auxiliary image."""
        lesser = {item for kind in (b"thmb", b"auxl") for item, *_ in self.references(kind)}
        shown = (item not in lesser and not hidden for item, kind, hidden in self.kinds() if kind not in _NO_IMAGES)
        return sum(shown)

    def references(self, kind: bytes) -> Iterator[tuple[int, Fields, int, int]]:
        """Clause 8.11.12: references of one type, as from-item, fields of the to-items, their count and length."""
        iref = find(self.source, self.meta, b"iref")
        if iref is None:
            return
        length = 4 if self.source.at(iref.start, 1)[0] else 2
        for box in children(self.source, iref):
            if box.kind == kind:
                fields = Fields(box.content(self.source))
                yield fields.uint(length), fields, fields.uint(2), length

    def referring(self, kind: bytes, to: int) -> Iterator[int]:
        """The items that refer to one: ``auxl`` its auxiliary images, ``cdsc`` its descriptions."""
        for item, fields, count, length in self.references(kind):
            if any(fields.uint(length) == to for _ in range(count)):
                yield item

    def first_input(self, item: int) -> int | None:
        """The first image that a derived image is made of (ISO/IEC 23008-12, clause 6.6)."""
        for derived, fields, count, length in self.references(b"dimg"):
            if derived == item and count:
                return fields.uint(length)
        return None

    def properties(self, item: int) -> list[Box]:
        """The properties of an item in the order of their association (ISO/IEC 23008-12, clause 9.3)."""
        iprp = find(self.source, self.meta, b"iprp")
        ipco = iprp and find(self.source, iprp, b"ipco")
        if not iprp or not ipco:
            return []
        indices = [
            index
            for box in children(self.source, iprp)
            if box.kind == b"ipma"
            for index in _associations(Fields(box.content(self.source)), item)
        ]
        known = dict(enumerate(islice(children(self.source, ipco), max(indices, default=0)), start=1))
        return [known[index] for index in indices if index in known]

    def extents(self, item: int) -> list[tuple[int, int]]:
        """Clause 8.11.3: where the content of an item starts and ends in this file; empty when it is elsewhere."""
        iloc = find(self.source, self.meta, b"iloc")
        if iloc is None:
            return []
        in_idat, extents = _location(Fields(iloc.content(self.source)), item)
        idat = find(self.source, self.meta, b"idat") if in_idat else None
        base = idat.start if idat else 0
        return [] if in_idat and not idat else [(base + start, base + start + length) for start, length in extents]


def _id_length(version: int | bool) -> int:
    return 4 if version else 2


def _associations(fields: Fields, item: int) -> list[int]:
    """Indices of an item's properties from 1; the essential bit does not matter to who only reads sizes."""
    head = fields.uint(4)
    number_length = _id_length(head >> 24)
    index_length = 2 if head & 1 else 1
    index_bits = (1 << (8 * index_length - 1)) - 1
    for _ in range(fields.uint(4)):
        found = fields.uint(number_length)
        associations = fields.bytes(fields.uint(1) * index_length)
        if found == item:
            pairs = range(0, len(associations), index_length)
            return [int.from_bytes(associations[at : at + index_length], "big") & index_bits for at in pairs]
    return []


def _location(fields: Fields, item: int) -> tuple[bool, list[tuple[int, int]]]:
    """Whether the content stands in ``idat``, and offset with length of each extent; none when it is elsewhere."""
    version = fields.uint(4) >> 24
    lengths = fields.uint(2)
    widths = (lengths & 15 if version else 0, lengths >> 12, lengths >> 8 & 15)
    number_length = _id_length(version > 1)
    for _ in range(fields.uint(number_length)):
        found = fields.uint(number_length)
        method = fields.uint(2) & 15 if version else 0
        elsewhere = fields.uint(2)
        base = fields.uint(lengths >> 4 & 15)
        extents = Fields(fields.bytes(fields.uint(2) * sum(widths)))
        if found == item:
            known = method in _IN_FILE_OR_IDAT and not elsewhere
            return method == 1, list(islice(_extents(extents, base, widths), _MOST_EXTENTS)) if known else []
    return False, []


def _extents(fields: Fields, base: int, widths: tuple[int, int, int]) -> Iterator[tuple[int, int]]:
    while fields:
        _, offset, length = (fields.uint(width) for width in widths)
        yield base + offset, length
