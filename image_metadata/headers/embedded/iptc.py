"""IPTC-IIM (version 4.2): the dates of record 2, which is all that it knows of a camera."""

import struct

from image_metadata.headers.embedded.sources import Rank, Source
from image_metadata.headers.embedded.timestamps import is_blank, parse_timestamp

_MARKER, _APPLICATION_RECORD = 0x1C, 2
# Date (CCYYMMDD) and time (HHMMSS±HHMM) of the content, and of its digitization.
_DATE_CREATED, _TIME_CREATED, _DATE_DIGITIZED, _TIME_DIGITIZED = 55, 60, 62, 63
MOST_DATASETS = 2000
_LONGEST_VALUE = 32
_EXTENDED = 0x8000

_dataset = struct.Struct(">BBBH")


def read_iptc(block: bytes, rank: Rank = Rank.IPTC) -> Source:
    """What the datasets say; of a damaged block those before the damage."""
    values = _datasets(block)
    dates = {date: values.get(date, "") for date in (_DATE_CREATED, _DATE_DIGITIZED)}
    return Source(
        rank=rank,
        original=parse_timestamp(f"{dates[_DATE_CREATED]} {values.get(_TIME_CREATED, '')}"),
        digitized=parse_timestamp(f"{dates[_DATE_DIGITIZED]} {values.get(_TIME_DIGITIZED, '')}"),
        has_camera_date=any(not is_blank(date) for date in dates.values()),
    )


def _datasets(block: bytes) -> dict[int, str]:
    """Number → the first value of each dataset of the application record."""
    values: dict[int, str] = {}
    offset = 0
    for _ in range(MOST_DATASETS):
        if offset + _dataset.size > len(block):
            break
        marker, record, number, length = _dataset.unpack_from(block, offset)
        if marker != _MARKER:
            break
        offset += _dataset.size
        if length & _EXTENDED:
            size = length & ~_EXTENDED
            length, offset = int.from_bytes(block[offset : offset + size][:4], "big"), offset + size
        if record == _APPLICATION_RECORD:
            values.setdefault(number, block[offset : offset + min(length, _LONGEST_VALUE)].decode("latin-1"))
        offset += length
    return values
