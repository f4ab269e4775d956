"""The items of a HEIF file: what its ``meta`` box says (ISO/IEC 14496-12, clause 8.11)."""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from image_metadata.headers.isobmff.boxes import Box, Fields, children, first_children
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt

_MOST_EXTENTS = 32
_IN_FILE_OR_IDAT = (0, 1)
# Metadata, regions, and tone-mapped alternatives of another image.
_NO_IMAGES = frozenset({b"Exif", b"mime", b"uri ", b"rgan", b"tmap"})
_FIRST_WITH_TYPE = 2
# Version of ``infe`` → item number and type, after version and flags.
_INFE = {2: struct.Struct(">4xH2x4s"), 3: struct.Struct(">4xI2x4s")}

References: TypeAlias = Sequence[tuple[int, tuple[int, ...]]]
"""References of one type: from-item and to-items."""


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a ``meta`` box, which is walked once; an item is known by its number.

    Attributes:
        source: the file.
        parts: the first box of each type in ``meta``.
        primary: the item that is the image (clause 8.11.4).
        kinds: item → four-character type, of the items that have one (clause 8.11.6).
        hidden: items that are not meant to be shown.
        references: type → references (clause 8.11.12).
    """

    source: HeaderReader
    parts: Mapping[bytes, Box]
    primary: int
    kinds: Mapping[int, bytes]
    hidden: frozenset[int]
    references: Mapping[bytes, References]

    def master_images(self) -> int:
        """How many images are meant to be shown: neither hidden nor a thumbnail or an auxiliary image."""
        lesser = {item for kind in (b"thmb", b"auxl") for item, _ in self.references.get(kind, ())} | self.hidden
        return sum(kind not in _NO_IMAGES and item not in lesser for item, kind in self.kinds.items())

    def referring(self, kind: bytes, to: Iterable[int]) -> set[int]:
        """The items that refer to one of ``to``: ``auxl`` its auxiliary images, ``cdsc`` its descriptions."""
        wanted = frozenset(to)
        return {item for item, targets in self.references.get(kind, ()) if not wanted.isdisjoint(targets)}

    def first_input(self, item: int) -> int | None:
        """The first image that a derived image is made of (ISO/IEC 23008-12, clause 6.6)."""
        inputs = (inputs[0] for derived, inputs in self.references.get(b"dimg", ()) if derived == item and inputs)
        return next(inputs, None)

    def properties(self, wanted: Iterable[int]) -> dict[int, list[Box]]:
        """The properties of the items in the order of their association (ISO/IEC 23008-12, clause 9.3)."""
        iprp = self.parts.get(b"iprp")
        indices: dict[int, list[int]] = {item: [] for item in wanted}
        ipco = None
        for box in children(self.source, iprp) if iprp else ():
            if box.kind == b"ipma":
                _associate(Fields(box.content(self.source)), indices)
            elif box.kind == b"ipco" and ipco is None:
                ipco = box
        last = max((max(listed, default=0) for listed in indices.values()), default=0)
        known = dict(enumerate(islice(children(self.source, ipco), last), start=1)) if ipco else {}
        return {item: [known[index] for index in listed if index in known] for item, listed in indices.items()}

    def extents(self, item: int) -> list[tuple[int, int]]:
        """Clause 8.11.3: where the content of an item starts and ends in this file; empty when it is elsewhere."""
        iloc = self.parts.get(b"iloc")
        if iloc is None:
            return []
        in_idat, extents = _location(iloc.content(self.source), item)
        idat = self.parts.get(b"idat") if in_idat else None
        base = idat.start if idat else 0
        return [] if in_idat and not idat else [(base + start, base + start + length) for start, length in extents]


def read_items(source: HeaderReader, meta: Box) -> Items | None:
    """The items of a ``meta`` box; None where it has no primary item."""
    parts = first_children(source, meta)
    if b"pitm" not in parts:
        return None
    fields = Fields(parts[b"pitm"].content(source, 8))
    primary = fields.uint(_number_length(fields.uint(4) >> 24))
    kinds, hidden = _kinds(source, parts.get(b"iinf"))
    return Items(source, parts, primary, kinds, hidden, _references(source, parts.get(b"iref")))


def _kinds(source: HeaderReader, iinf: Box | None) -> tuple[dict[int, bytes], frozenset[int]]:
    """The type of each item that has one, and the items that are hidden."""
    kinds: dict[int, bytes] = {}
    hidden = set()
    if iinf is None:
        return kinds, frozenset()
    # The count of the entries is longer in a later version; the boxes themselves tell where they end.
    first = iinf.start + 2 if source.at(iinf.start, 1)[0] else iinf.start
    for box in children(source, Box(b"iinf", first + 6, iinf.end)):
        content = box.content(source, 14)
        if box.kind == b"infe" and content[:1] >= bytes([_FIRST_WITH_TYPE]):
            form = _INFE[min(content[0], 3)]
            if len(content) < form.size:
                raise corrupt(f"an item entry of at least {form.size} bytes", f"{len(content)} bytes")
            item, kind = form.unpack_from(content)
            kinds.setdefault(item, kind)
            if content[3] & 1:
                hidden.add(item)
    return kinds, frozenset(hidden)


def _references(source: HeaderReader, iref: Box | None) -> dict[bytes, list[tuple[int, tuple[int, ...]]]]:
    references: dict[bytes, list[tuple[int, tuple[int, ...]]]] = {}
    if iref is None:
        return references
    length, code = (4, "I") if source.at(iref.start, 1)[0] else (2, "H")
    for box in children(source, iref):
        fields = Fields(box.content(source))
        item, count = fields.uint(length), fields.uint(2)
        targets = struct.unpack(f">{count}{code}", fields.bytes(count * length))
        references.setdefault(box.kind, []).append((item, targets))
    return references


def _number_length(version: int | bool) -> int:
    """Bytes of an item's number."""
    return 4 if version else 2


def _associate(fields: Fields, indices: dict[int, list[int]]) -> None:
    """Add the items' property indices, which count from 1; whether a property is essential does not matter here.

    The end of the box ends the list, not its count, so that a wrong count does no harm.
    """
    head = fields.uint(4)
    number_length = _number_length(head >> 24)
    code, index_bits = ("H", 0x7FFF) if head & 1 else ("B", 0x7F)
    fields.uint(4)
    while fields:
        item, count = fields.uint(number_length), fields.uint(1)
        associations = fields.bytes(count * struct.calcsize(code))
        if item in indices:
            indices[item] += [index & index_bits for index in struct.unpack(f">{count}{code}", associations)]


def _location(content: bytes, item: int) -> tuple[bool, list[tuple[int, int]]]:
    """Whether the content is in ``idat``, and offset with length of each extent; none when it is elsewhere.

    Raises:
        HeaderRejectedError: corrupt, when the box ends within an entry.
    """
    fields = Fields(content)
    version = fields.uint(4) >> 24
    lengths = fields.uint(2)
    widths = (lengths & 15 if version else 0, lengths >> 12, lengths >> 8 & 15)
    number_length = _number_length(version > 1)
    count = fields.uint(number_length)
    # Number, construction method, data reference, base offset, number of extents.
    entry = struct.Struct(f">{'I' if version > 1 else 'H'}{'H' if version else '0s'}H{lengths >> 4 & 15}sH")
    position = 6 + number_length
    for _ in range(count):
        if position + entry.size > len(content):
            raise corrupt(f"{count} items in a location box", "fewer")
        number, method, elsewhere, base, extents = entry.unpack_from(content, position)
        position += entry.size + extents * sum(widths)
        if number == item:
            in_idat = bool(version) and method & 15 == 1
            is_here = (not version or method & 15 in _IN_FILE_OR_IDAT) and not elsewhere
            listed = Fields(content[position - extents * sum(widths) : position])
            start = int.from_bytes(base, "big")
            return in_idat, list(islice(_extents(listed, start, widths), _MOST_EXTENTS)) if is_here else []
    return False, []


def _extents(fields: Fields, base: int, widths: tuple[int, int, int]) -> Iterator[tuple[int, int]]:
    while fields:
        _, offset, length = (fields.uint(width) for width in widths)
        yield base + offset, length
