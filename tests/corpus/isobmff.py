"""Writes HEIF containers (ISO/IEC 23008-12) around pictures that an encoder has made, in shapes it does not write."""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_ESSENTIAL = 0x80
_TRANSFORMS = (b"irot", b"imir", b"clap", b"hvcC", b"av1C")


@dataclass(frozen=True)
class Item:
    """One item of the file; items are numbered from 1.

    Attributes:
        kind: item type (``hvc1``, ``av01``, ``grid``, ``Exif``).
        data: what ``iloc`` points at.
        properties: whole property boxes.
        reference: reference type (``dimg``, ``cdsc``, ``thmb``, ``auxl``) and the numbers that it points to.
        hidden: whether it is not meant to be shown by itself.
        inside: whether the data stands in ``idat``, as phones write grids.
    """

    kind: bytes
    data: bytes
    properties: Sequence[bytes] = ()
    reference: tuple[bytes, Sequence[int]] | None = None
    hidden: bool = False
    inside: bool = False


def box(kind: bytes, *body: bytes) -> bytes:
    content = b"".join(body)
    return struct.pack(">I", 8 + len(content)) + kind + content


def full_box(kind: bytes, version: int, flags: int, *body: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *body)


def large_box(kind: bytes, *body: bytes) -> bytes:
    """A box with a 64-bit size, as for data above 4 GiB."""
    content = b"".join(body)
    return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content


def size(width: int, height: int) -> bytes:
    return full_box(b"ispe", 0, 0, struct.pack(">II", width, height))


def rotation(quarter_turns_left: int) -> bytes:
    return box(b"irot", bytes([quarter_turns_left]))


def mirror(axis: int) -> bytes:
    return box(b"imir", bytes([axis]))


def aperture(width: int, height: int) -> bytes:
    """A centered crop."""
    return box(b"clap", struct.pack(">8I", width, 1, height, 1, 0, 1, 0, 1))


def grid(columns: int, rows: int, width: int, height: int) -> bytes:
    return struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)


def exif_item(block: bytes, *, of: int) -> Item:
    return Item(b"Exif", struct.pack(">I", 6) + b"Exif\0\0" + block, reference=(b"cdsc", [of]))


def coded(file: bytes, configuration: bytes) -> tuple[bytes, bytes]:
    """The decoder's configuration box and the coded data of a file with one picture."""
    start = file.index(configuration) - 4
    (length,) = struct.unpack_from(">I", file, start)
    data = file.index(b"mdat") + 4
    return file[start : start + length], file[data:]


def container(
    items: Sequence[Item], *, brand: bytes = b"heic", primary: int = 1, data_first: bool = False, large: bool = False
) -> bytes:
    """A file; ``data_first`` puts the media data before the directory, ``large`` gives it a 64-bit size."""
    head = box(b"ftyp", brand, bytes(4), b"mif1", brand)
    body = (large_box if large else box)(b"mdat", *[item.data for item in items if not item.inside])
    prefix = len(body) - sum(len(item.data) for item in items if not item.inside)
    if data_first:
        return head + body + _meta(items, primary, len(head) + prefix)
    length = len(_meta(items, primary, 0))
    return head + _meta(items, primary, len(head) + length + prefix) + body


def _meta(items: Sequence[Item], primary: int, start: int) -> bytes:
    references = [
        box(
            item.reference[0],
            struct.pack(f">HH{len(item.reference[1])}H", number, len(item.reference[1]), *item.reference[1]),
        )
        for number, item in enumerate(items, 1)
        if item.reference
    ]
    inside = b"".join(item.data for item in items if item.inside)
    parts = [
        full_box(b"hdlr", 0, 0, bytes(4), b"pict", bytes(13)),
        full_box(b"pitm", 0, 0, struct.pack(">H", primary)),
        _locations(items, start),
        full_box(b"iinf", 0, 0, struct.pack(">H", len(items)), *_infos(items)),
        full_box(b"iref", 0, 0, *references) if references else b"",
        _properties(items),
        box(b"idat", inside) if inside else b"",
    ]
    return full_box(b"meta", 0, 0, *parts)


def _infos(items: Sequence[Item]) -> Iterable[bytes]:
    for number, item in enumerate(items, 1):
        yield full_box(b"infe", 2, int(item.hidden), struct.pack(">HH4sB", number, 0, item.kind, 0))


def _locations(items: Sequence[Item], start: int) -> bytes:
    positions = {True: 0, False: start}
    entries = b""
    for number, item in enumerate(items, 1):
        position = positions[item.inside]
        positions[item.inside] += len(item.data)
        entries += struct.pack(">HHHHII", number, item.inside, 0, 1, position, len(item.data))
    return full_box(b"iloc", 1, 0, struct.pack(">BBH", 0x44, 0, len(items)), entries)


def _properties(items: Sequence[Item]) -> bytes:
    every = list(dict.fromkeys(one for item in items for one in item.properties))
    links = b""
    described = [(number, item) for number, item in enumerate(items, 1) if item.properties]
    for number, item in described:
        indexes = [every.index(one) + 1 | _ESSENTIAL * (one[4:8] in _TRANSFORMS) for one in item.properties]
        links += struct.pack(f">HB{len(indexes)}B", number, len(indexes), *indexes)
    association = full_box(b"ipma", 0, 0, struct.pack(">I", len(described)), links)
    return box(b"iprp", box(b"ipco", *every), association)
