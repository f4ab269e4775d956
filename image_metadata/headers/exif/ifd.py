"""TIFF structure: image file directories (IFD) in TIFF files and in EXIF (TIFF 6.0 section 2; BigTIFF).

What lies outside the structure or is damaged reads as absent, so that one bad value never rejects an image.
"""

# ruff: noqa: PLR2004 - the numbers of a header are those of its specification

import struct
from functools import lru_cache
from typing import NamedTuple

from image_metadata.headers.reader import HeaderReader

# Field type → struct code (TIFF 6.0 p. 15; 13 IFD: TIFF technical note 1; 16 to 18: BigTIFF; 129 UTF-8: EXIF 3.0).
_CODES = {
    1: "B",
    2: "s",
    3: "H",
    4: "I",
    5: "II",
    6: "b",
    7: "B",
    8: "h",
    9: "i",
    10: "ii",
    11: "f",
    12: "d",
    13: "I",
    16: "Q",
    17: "q",
    18: "Q",
    129: "s",
}
_INTEGERS = frozenset("BHIbhiQq")
_RATIONALS = frozenset(["II", "ii"])
_ASCII = frozenset(["s", "B"])
_SIZES = {field_type: struct.calcsize(f"={code}") for field_type, code in _CODES.items()}
MOST_ENTRIES = 1024
"""Entries of one directory that are looked at."""

_SMALL_STRUCTURE = 64 * 1024

_BYTE_ORDERS = {b"II": "<", b"MM": ">"}
_BIG_TIFF = 43

_struct = lru_cache(maxsize=256)(struct.Struct)


class _Layout(NamedTuple):
    """Of a directory: entry count, entries (tag, field type, count, value or value offset), offset of the next IFD."""

    entry_count: str
    entry_count_size: int
    entry: str
    entry_size: int
    value_at: int
    value_size: int
    offset: str


_CLASSIC_LAYOUT = _Layout("H", 2, "HHII", 12, 8, 4, "I")
_BIG_LAYOUT = _Layout("Q", 8, "HHQQ", 20, 12, 8, "Q")


class Field(NamedTuple):
    """One entry of a directory: ``value_count`` values of ``field_type`` at ``position`` in the source."""

    field_type: int
    value_count: int
    position: int


Directory = dict[int, Field]
"""Tag → field; the first one where a tag is repeated. Only fields that lie within the structure."""


class TiffStructure(NamedTuple):
    """The structure from ``start`` to ``end`` in ``source``; its offsets count from ``start``.

    Attributes:
        byte_order: as ``struct`` writes it.
        big: 64-bit offsets (BigTIFF).
        first: offset of the first directory.
        held: the structure as far as it lies in memory.
        is_held_only: whether what a request would have to fetch reads as absent.
    """

    source: HeaderReader
    start: int
    end: int
    byte_order: str
    big: bool
    first: int
    held: bytes
    is_held_only: bool = False

    def directory(self, offset: int, wanted: frozenset[int]) -> tuple[Directory, int]:
        """The ``wanted`` tags of the directory at ``offset``, and the offset of the next one (0 for none)."""
        layout = _BIG_LAYOUT if self.big else _CLASSIC_LAYOUT
        position = self.start + offset
        (count,) = self._unpack(layout.entry_count, position) or (0,)
        position += layout.entry_count_size
        count = min(count, MOST_ENTRIES, max(0, self.end - position) // layout.entry_size)
        entries = self._bytes(position, count * layout.entry_size)
        fields: Directory = {}
        for tag, field_type, value_count, value_offset in _struct(self.byte_order + layout.entry).iter_unpack(entries):
            if tag in wanted and tag not in fields:
                size = _SIZES.get(field_type, 0) * value_count
                inline = size <= layout.value_size
                values_at = position + layout.value_at if inline else self.start + value_offset
                if size and values_at + size <= self.end:
                    fields[tag] = Field(field_type, value_count, values_at)
            position += layout.entry_size
        following = self._unpack(layout.offset, position) if len(entries) < MOST_ENTRIES * layout.entry_size else ()
        return fields, following[0] if following else 0

    def holds_directory(self, offset: int) -> bool:
        """Whether the directory at ``offset`` can be read without a request."""
        layout = _BIG_LAYOUT if self.big else _CLASSIC_LAYOUT
        position = self.start + offset
        if not self.source.holds(position, layout.entry_count_size):
            return False
        (count,) = self._unpack(layout.entry_count, position)
        return self.source.holds(position, layout.entry_count_size + count * layout.entry_size + layout.value_size)

    def span(self, field: Field) -> tuple[int, int]:
        """Where the values of a field start and end in the source."""
        return field.position, field.position + _SIZES[field.field_type] * field.value_count

    def integers(self, field: Field | None, most: int = 1) -> tuple[int, ...]:
        """The first ``most`` values of a field of an integer type; none for other types."""
        if field is None or _CODES[field.field_type] not in _INTEGERS:
            return ()
        return self._unpack(_CODES[field.field_type] * min(field.value_count, most), field.position)

    def numbers(self, field: Field | None, most: int) -> tuple[float, ...]:
        """The first ``most`` values of a field of any numeric type; NaN for a rational with a denominator of zero."""
        if field is None or _CODES[field.field_type] == "s":
            return ()
        values = self._unpack(_CODES[field.field_type] * min(field.value_count, most), field.position)
        if _CODES[field.field_type] not in _RATIONALS:
            return values
        pairs = zip(values[::2], values[1::2], strict=True)
        return tuple(numerator / denominator if denominator else float("nan") for numerator, denominator in pairs)

    def ascii(self, field: Field | None, most: int) -> bytes:
        """The first ``most`` bytes of a field of a text type, or of bytes, which some writers use for text."""
        if field is None or _CODES[field.field_type] not in _ASCII:
            return b""
        return self._bytes(field.position, min(field.value_count, most))

    def _unpack(self, code: str, position: int) -> tuple[int, ...]:
        form = _struct(self.byte_order + code)
        offset = position - self.start
        if 0 <= offset <= len(self.held) - form.size:
            return form.unpack_from(self.held, offset)
        data = self._bytes(position, form.size)
        return form.unpack(data) if data else ()

    def _bytes(self, position: int, length: int) -> bytes:
        offset = position - self.start
        if 0 <= offset <= len(self.held) - length:
            return self.held[offset : offset + length]
        if offset < 0 or position + length > self.end:
            return b""
        if self.is_held_only and not self.source.holds(position, length):
            return b""
        # What is read of a small structure usually lies together, and after it whatever follows.
        is_small = self.end - self.start <= _SMALL_STRUCTURE
        return self.source.at(position, length, ahead=self.end - position - length + 1024 if is_small else 0)


def open_structure(source: HeaderReader, start: int, end: int) -> TiffStructure | None:
    """The structure whose ``II`` or ``MM`` stands at ``start``; None where there is none."""
    end = min(end, source.size)
    held = source.first[start:end]
    head = held[:16] if len(held) >= 16 else source.at(start, min(16, max(0, end - start)))
    order = _BYTE_ORDERS.get(head[:2])
    if order is None or len(head) < 8:
        return None
    magic, first = _struct(order + "HI").unpack_from(head, 2)
    big = magic == _BIG_TIFF and len(head) == 16
    if big:
        (first,) = _struct(order + "Q").unpack_from(head, 8)
    return TiffStructure(source, start, end, order, big, first, held)
