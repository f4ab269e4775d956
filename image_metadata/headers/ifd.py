"""TIFF structure: directories of tagged values, in TIFF files and in EXIF (TIFF 6.0 section 2; BigTIFF).

What lies outside the structure or is damaged reads as absent, so that one bad value never spoils an image.
"""

# ruff: noqa: PLR2004 - the numbers of a header are those of its specification

import struct
from dataclasses import dataclass

from image_metadata.reader import HeaderReader

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
_WHOLE = frozenset("BHIbhiQq")
_SIZES = {kind: struct.calcsize(f"={code}") for kind, code in _CODES.items()}
_MOST_ENTRIES = 4096
_MOST_AHEAD = 64 * 1024

_BYTE_ORDERS = {b"II": "<", b"MM": ">"}
_CLASSIC, _BIG = 42, 43


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of a directory: ``count`` values of type ``kind`` at ``place`` in the source."""

    kind: int
    count: int
    place: int


Directory = dict[int, Field]
"""Tag → field; the last one where a tag is repeated. Only fields that lie within the structure."""


@dataclass(frozen=True, slots=True)
class TiffStructure:
    """The structure from ``start`` to ``end`` in ``source``; its offsets count from ``start``.

    Attributes:
        byte_order: as ``struct`` writes it.
        big: 64-bit offsets (BigTIFF).
        first: offset of the first directory.
    """

    source: HeaderReader
    start: int
    end: int
    byte_order: str
    big: bool
    first: int

    def directory(self, offset: int) -> tuple[Directory, int]:
        """The directory at ``offset`` and the offset of the next one (0 for none)."""
        place = self.start + offset
        count_code, entry_code, offset_code = ("Q", "HHQQ", "Q") if self.big else ("H", "HHII", "I")
        count_size, entry_size = struct.calcsize("=" + count_code), struct.calcsize("=" + entry_code)
        (count,) = self._unpack(count_code, place) or (0,)
        place += count_size
        count = min(count, _MOST_ENTRIES, max(0, self.end - place) // entry_size)
        entries = self._bytes(place, count * entry_size)
        following = self._unpack(offset_code, place + len(entries)) or (0,)
        value_size = struct.calcsize("=" + offset_code)
        fields = {}
        for tag, kind, values, value in struct.iter_unpack(self.byte_order + entry_code, entries):
            place += entry_size
            size = _SIZES.get(kind, 0) * values
            values_at = place - value_size if size <= value_size else self.start + value
            if size and values_at + size <= self.end:
                fields[tag] = Field(kind, values, values_at)
        return fields, following[0]

    def end_of_directory(self, offset: int) -> int | None:
        """Where the offset of the next directory starts; None where the directory is out of reach."""
        code, entry_size = ("Q", 20) if self.big else ("H", 12)
        count = self._unpack(code, self.start + offset)
        return offset + struct.calcsize("=" + code) + count[0] * entry_size if count else None

    def whole_numbers(self, field: Field | None, most: int = 1) -> tuple[int, ...]:
        """The first ``most`` values of a field of an integer type; none for other types."""
        if field is None or _CODES[field.kind] not in _WHOLE:
            return ()
        return self._unpack(f"{min(field.count, most)}{_CODES[field.kind]}", field.place)

    def fractions(self, field: Field | None, most: int) -> tuple[float, ...]:
        """The first ``most`` values of a field of rational type; NaN for a denominator of zero."""
        if field is None or _CODES[field.kind] not in ("II", "ii"):
            return ()
        numbers = self._unpack(_CODES[field.kind] * min(field.count, most), field.place)
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        return tuple(over / under if under else float("nan") for over, under in pairs)

    def characters(self, field: Field | None, most: int) -> bytes:
        """The first ``most`` bytes of a field of a text type, or of bytes, which some writers use for text."""
        if field is None or _CODES[field.kind] not in ("s", "B"):
            return b""
        return self._bytes(field.place, min(field.count, most))

    def _unpack(self, code: str, place: int) -> tuple[int, ...]:
        data = self._bytes(place, struct.calcsize("=" + code))
        return struct.unpack(self.byte_order + code, data) if data else ()

    def _bytes(self, place: int, length: int) -> bytes:
        if place < self.start or place + length > self.end:
            return b""
        # What is read of the structure usually lies together, and after it whatever follows.
        return self.source.at(place, length, ahead=min(self.end - place - length, _MOST_AHEAD) + 1024)


def open_structure(source: HeaderReader, start: int, end: int) -> TiffStructure | None:
    """The structure whose ``II`` or ``MM`` stands at ``start``; None where there is none."""
    end = min(end, source.size)
    head = source.at(start, min(16, max(0, end - start)))
    order = _BYTE_ORDERS.get(head[:2])
    if order is None or len(head) < 8:
        return None
    (magic,) = struct.unpack_from(order + "H", head, 2)
    if magic == _BIG and len(head) == 16:
        return TiffStructure(source, start, end, order, True, struct.unpack_from(order + "Q", head, 8)[0])
    return TiffStructure(source, start, end, order, False, struct.unpack_from(order + "I", head, 4)[0])
