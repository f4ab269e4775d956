"""Writes TIFF structures of every shape that TIFF 6.0 and BigTIFF allow: the containers of TIFF files and of EXIF."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

_BYTE, _ASCII, _SHORT, _LONG, _RATIONAL, _UNDEFINED, _SRATIONAL, _FLOAT, _DOUBLE = 1, 2, 3, 4, 5, 7, 10, 11, 12
_LONG8 = 16
_CODES = {_BYTE: "B", _ASCII: "B", _SHORT: "H", _LONG: "I", _RATIONAL: "I", _UNDEFINED: "B", _SRATIONAL: "i"}
_CODES |= {_FLOAT: "f", _DOUBLE: "d", _LONG8: "Q"}


@dataclass(frozen=True)
class Entry:
    """A tag's field type and values; ``parts`` are bytes elsewhere in the file, ``children`` directories."""

    field_type: int
    numbers: Sequence[float] = ()
    parts: Sequence[bytes] = ()
    children: "Sequence[Directory]" = ()


Directory: TypeAlias = Mapping[int, Entry]
"""Tag to entry."""


def short(*numbers: int) -> Entry:
    return Entry(_SHORT, numbers)


def long(*numbers: int) -> Entry:
    return Entry(_LONG, numbers)


def long8(*numbers: int) -> Entry:
    return Entry(_LONG8, numbers)


def ascii_(words: str) -> Entry:
    return Entry(_ASCII, (*words.encode(), 0))


def byte(*numbers: int) -> Entry:
    return Entry(_BYTE, numbers)


def undefined(data: bytes) -> Entry:
    return Entry(_UNDEFINED, data)


def rational(*pairs: tuple[int, int]) -> Entry:
    return Entry(_RATIONAL, tuple(chain.from_iterable(pairs)))


def srational(*pairs: tuple[int, int]) -> Entry:
    return Entry(_SRATIONAL, tuple(chain.from_iterable(pairs)))


def float_(*numbers: float) -> Entry:
    return Entry(_FLOAT, numbers)


def double(*numbers: float) -> Entry:
    return Entry(_DOUBLE, numbers)


def offsets(*parts: bytes) -> Entry:
    return Entry(_LONG, parts=parts)


def child(*directories: Directory) -> Entry:
    return Entry(_LONG, children=directories)


def tiff(
    *pages: Directory, order: str = "<", big: bool = False, directory_first: bool = False, after_header: bytes = b""
) -> bytes:
    """Lay out the pages; the directory stands behind its data unless ``directory_first``."""
    return _Layout(order, big=big, directory_first=directory_first).file(pages, after_header)


class _Layout:
    def __init__(self, order: str, *, big: bool, directory_first: bool) -> None:
        self.order = order
        self.big = big
        self.directory_first = directory_first
        self.word = "Q" if big else "I"
        self.out = bytearray()

    def file(self, pages: Sequence[Directory], after_header: bytes) -> bytes:
        mark = b"II" if self.order == "<" else b"MM"
        self.out += mark + (self._pack("HHH", 43, 8, 0) if self.big else self._pack("H", 42))
        link = self._reserve(struct.calcsize(self.word))
        self.out += after_header
        for page in pages:
            position, next_link = self._directory(page)
            self._fill(link, self.word, position)
            link = next_link
        return bytes(self.out)

    def _directory(self, page: Directory) -> tuple[int, int]:
        count_code = "Q" if self.big else "H"
        entry_size = 20 if self.big else 12
        counter = struct.calcsize(count_code)
        size = counter + entry_size * len(page) + struct.calcsize(self.word)
        position = self._reserve(size) if self.directory_first else 0
        entries = [self._entry(tag, page[tag]) for tag in sorted(page)]
        position = position or self._reserve(size)
        self._fill(position, count_code, len(page))
        body = b"".join(entries)
        self.out[position + counter : position + counter + len(body)] = body
        return position, position + size - struct.calcsize(self.word)

    def _entry(self, tag: int, entry: Entry) -> bytes:
        numbers = list(entry.numbers) + [self._place(part) for part in entry.parts]
        if entry.children:
            numbers = [self._directory(directory)[0] for directory in entry.children]
        value = self._pack(f"{len(numbers)}{_CODES[entry.field_type]}", *numbers)
        count = len(numbers) // (2 if entry.field_type in (_RATIONAL, _SRATIONAL) else 1)
        room = struct.calcsize(self.word)
        inline = value.ljust(room, b"\0") if len(value) <= room else self._pack(self.word, self._place(value))
        return self._pack(f"HH{self.word}", tag, entry.field_type, count) + inline

    def _place(self, data: bytes) -> int:
        position = self._reserve(len(data))
        self.out[position : position + len(data)] = data
        return position

    def _reserve(self, size: int) -> int:
        self.out += bytes(len(self.out) % 2)  # TIFF 6.0, section 2: values begin on a word boundary
        position = len(self.out)
        self.out += bytes(size)
        return position

    def _fill(self, position: int, code: str, number: int) -> None:
        data = self._pack(code, number)
        self.out[position : position + len(data)] = data

    def _pack(self, codes: str, *numbers: float) -> bytes:
        return struct.pack(self.order + codes, *numbers)
