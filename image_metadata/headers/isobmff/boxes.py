"""Boxes: what HEIF, AVIF, JPEG 2000, JPEG XL and CR3 files are made of (ISO/IEC 14496-12, clause 4.2)."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt, too_large

# The largest grid that HEIF allows has 256 x 256 tiles, each of which is an item.
_MOST_BOXES = 70_000
_box_header = struct.Struct(">I4s").unpack
_SHORTEST = 8


class Box(NamedTuple):
    """A box's four-character type, and where its content starts and ends in the file.

    Attributes:
        end: beyond the end of a truncated file.
    """

    kind: bytes
    start: int
    end: int

    def content(self, source: HeaderReader, limit: int | None = None) -> bytes:
        """The content, or its first ``limit`` bytes where it is longer."""
        length = self.end - self.start
        return source.at(self.start, length if limit is None else min(length, limit))


class Fields:
    """Big-endian fields of a box, one after the other; the end of the box is the end of the fields."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._offset = 0

    def __bool__(self) -> bool:
        """Whether anything is left."""
        return self._offset < len(self._content)

    def uint(self, length: int) -> int:
        """An unsigned integer of ``length`` bytes; 0 where ``length`` is 0.

        Raises:
            HeaderRejectedError: corrupt, when the box ends before.
        """
        return int.from_bytes(self.bytes(length), "big")

    def bytes(self, length: int) -> bytes:
        """The next ``length`` bytes; raises as ``uint`` does."""
        data = self._content[self._offset : self._offset + length]
        if len(data) < length:
            raise corrupt(f"a field of {length} bytes at byte {self._offset} of a box", "the end of the box")
        self._offset += length
        return data


def boxes(source: HeaderReader, start: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets, without reading their content; to step over one costs nothing.

    Raises:
        HeaderRejectedError: corrupt for a box that is shorter than its header or longer than its parent,
            header_too_large for a parent with too many.
    """
    offset = start
    for _ in range(_MOST_BOXES):
        if end - offset < _SHORTEST:
            return
        box = _box_at(source, offset, end)
        yield box
        offset = box.end
    raise too_large(f"at most {_MOST_BOXES} boxes in one")


def _box_at(source: HeaderReader, offset: int, end: int) -> Box:
    length, kind = _box_header(source.at(offset, 8))
    header = 8
    if length == 1:
        length = int.from_bytes(source.at(offset + 8, 8), "big")
        header = 16
    elif length == 0:
        length = end - offset
    # The file itself may end too early: a truncated upload still has its header.
    if length < header or offset + length > end != source.size:
        raise corrupt(f"a box of {header} to {end - offset} bytes at offset {offset}", f"{length} bytes")
    return Box(kind, offset + header, offset + length)


_FULL = frozenset({b"meta", b"iref"})


def children(source: HeaderReader, parent: Box) -> Iterator[Box]:
    """The boxes in a box; they begin after the version and flags where it has them (clause 4.2.2)."""
    return boxes(source, parent.start + 4 if parent.kind in _FULL else parent.start, parent.end)


def first_children(source: HeaderReader, parent: Box | None) -> dict[bytes, Box]:
    """The first box of each type in a box; nothing where there is no such box."""
    first: dict[bytes, Box] = {}
    for box in children(source, parent) if parent else ():
        first.setdefault(box.kind, box)
    return first
