"""The items of a HEIF file: what its ``meta`` box says (ISO/IEC 14496-12, clause 8.11).

Nothing is collected: each question walks the boxes again, so that a file with many items costs no memory.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from image_metadata.headers.isobmff.boxes import Box, Fields, boxes, children, find
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt

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
            if box.kind == b"infe" and version >= 2:  # noqa: PLR2004  # the first with a type
                item = fields.uint(_id_length(version > 2))  # noqa: PLR2004  # the last with short numbers
                fields.uint(2)
                yield item, fields.bytes(4), bool(head & 1)

    def kind(self, item: int) -> bytes | None:
        return next((kind for number, kind, _ in self.kinds() if number == item), None)

    def master_images(self) -> int:
        """How many pictures are meant to be shown: neither hidden nor a thumbnail or an auxiliary image."""
        lesser = {item for kind in (b"thmb", b"auxl") for item, *_ in self.references(kind)}
        shown = (item not in lesser and not hidden for item, kind, hidden in self.kinds() if kind not in _NO_IMAGES)
        return sum(shown)

    def references(self, kind: bytes) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Clause 8.11.12: references of one type, as from-item and to-items."""
        iref = find(self.source, self.meta, b"iref")
        if iref is None:
            return
        length, code = (4, "I") if self.source.at(iref.start, 1)[0] else (2, "H")
        for box in children(self.source, iref):
            if box.kind == kind:
                fields = Fields(box.content(self.source))
                item, count = fields.uint(length), fields.uint(2)
                yield item, struct.unpack(f">{count}{code}", fields.bytes(count * length))

    def referring(self, kind: bytes, to: Iterable[int]) -> set[int]:
        """The items that refer to one of ``to``: ``auxl`` its auxiliary images, ``cdsc`` its descriptions."""
        wanted = frozenset(to)
        return {item for item, targets in self.references(kind) if not wanted.isdisjoint(targets)}

    def first_input(self, item: int) -> int | None:
        """The first image that a derived image is made of (ISO/IEC 23008-12, clause 6.6)."""
        return next((inputs[0] for derived, inputs in self.references(b"dimg") if derived == item and inputs), None)

    def properties(self, wanted: Iterable[int]) -> dict[int, list[Box]]:
        """The properties of the items in the order of their association (ISO/IEC 23008-12, clause 9.3)."""
        iprp = find(self.source, self.meta, b"iprp")
        ipco = iprp and find(self.source, iprp, b"ipco")
        found: dict[int, list[int]] = {item: [] for item in wanted}
        for box in children(self.source, iprp) if iprp else ():
            if box.kind == b"ipma":
                _associate(Fields(box.content(self.source)), found)
        last = max((max(indices, default=0) for indices in found.values()), default=0)
        known = dict(enumerate(islice(children(self.source, ipco), last), start=1)) if ipco else {}
        return {item: [known[index] for index in indices if index in known] for item, indices in found.items()}

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


def _associate(fields: Fields, found: dict[int, list[int]]) -> None:
    """Add the items' property indices from 1; the essential bit does not matter to who only reads sizes.

    The box ends them, not their count, so that a wrong count does no harm.
    """
    head = fields.uint(4)
    number_length = _id_length(head >> 24)
    code, index_bits = ("H", 0x7FFF) if head & 1 else ("B", 0x7F)
    fields.uint(4)
    while fields:
        item, count = fields.uint(number_length), fields.uint(1)
        associations = fields.bytes(count * struct.calcsize(code))
        if item in found:
            found[item] += [index & index_bits for index in struct.unpack(f">{count}{code}", associations)]


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
