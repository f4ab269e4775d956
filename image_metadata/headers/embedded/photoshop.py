"""Photoshop's image resources, in PSD files, in APP13 of JPEG, in a text of PNG and in tag 34377 of TIFF.

(Adobe Photoshop File Formats Specification, "Image Resources Section".)
"""

import hashlib
import struct

from image_metadata.headers.embedded.iptc import read_iptc
from image_metadata.headers.embedded.sources import Rank, Source
from image_metadata.headers.embedded.xmp import LONGEST_PACKET, read_xmp
from image_metadata.headers.exif.fields import read_exif_bytes
from image_metadata.headers.reader import HeaderReader, in_memory

_SIGNATURES = frozenset([b"8BIM", b"PHUT", b"AgHg", b"DCSR", b"MeSa"])
_IPTC, _EXIF, _XMP, _IPTC_DIGEST = 1028, 1058, 1060, 1061
_WANTED = frozenset([_IPTC, _EXIF, _XMP, _IPTC_DIGEST])
_AHEAD = 32 * 1024
_NAME_AT, _SHORTEST = 6, 12
MOST_RESOURCES = 1000

_resource = struct.Struct(">4sHB").unpack


def read_resources(source: HeaderReader, start: int, end: int, *, fetches: int = 0) -> list[Source]:
    """The sources of metadata among the resources from ``start`` to ``end``.

    Only those that are held; with ``fetches``, up to so many requests bring what is not, 32 KiB each or a resource.
    """
    resources = _read(source, start, min(end, source.size), fetches)
    sources = []
    if _EXIF in resources:
        sources.append(read_exif_bytes(resources[_EXIF]))
    if _XMP in resources:
        sources.append(read_xmp(resources[_XMP]))
    if _IPTC in resources:
        sources.append(read_iptc(resources[_IPTC], iptc_rank(resources[_IPTC], resources.get(_IPTC_DIGEST))))
    return sources


def read_resource_block(block: bytes) -> list[Source]:
    """The same for a block that is already in memory."""
    return read_resources(in_memory(block), 0, len(block))


def iptc_rank(iptc: bytes, digest: bytes | None) -> Rank:
    """Whether IPTC was edited after the last program that keeps it in step with XMP wrote its digest."""
    is_edited = digest is not None and digest != hashlib.md5(iptc, usedforsecurity=False).digest()
    return Rank.EDITED_IPTC if is_edited else Rank.IPTC


def _read(source: HeaderReader, offset: int, end: int, fetches: int) -> dict[int, bytes]:
    """Number → data of the first resource of each wanted number."""
    resources: dict[int, bytes] = {}
    for _ in range(MOST_RESOURCES):
        if offset + _SHORTEST > end:
            break
        if not source.holds(offset, _SHORTEST):
            if not fetches:
                break
            fetches -= 1
            source.at(offset, _SHORTEST, ahead=min(_AHEAD, end - offset) - _SHORTEST)
        signature, number, name_length = _resource(source.at(offset, 7))
        length_at = offset + _NAME_AT + (name_length + 2) // 2 * 2
        if signature not in _SIGNATURES or not source.holds(length_at, 4):
            break
        length = int.from_bytes(source.at(length_at, 4), "big")
        offset = length_at + 4 + length + length % 2
        if number in _WANTED and number not in resources and length_at + 4 + length <= end:
            is_held = source.holds(length_at + 4, length)
            if is_held or (fetches and length <= LONGEST_PACKET):
                fetches -= not is_held
                resources[number] = source.at(length_at + 4, length)
    return resources
