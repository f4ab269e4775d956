"""Photoshop's image resources, in PSD files, in APP13 of JPEG and in tag 34377 of TIFF.

(Adobe Photoshop File Formats Specification, "Image Resources Section".)
"""

import hashlib
import struct
from collections.abc import Iterator

from image_metadata.headers.embedded.iptc import read_iptc
from image_metadata.headers.embedded.sources import Rank, Source
from image_metadata.headers.embedded.xmp import read_xmp
from image_metadata.headers.exif.fields import read_exif_bytes

_SIGNATURES = frozenset([b"8BIM", b"PHUT", b"AgHg", b"DCSR", b"MeSa"])
_IPTC, _EXIF, _XMP, _IPTC_DIGEST = 1028, 1058, 1060, 1061
MOST_RESOURCES = 1000

_resource = struct.Struct(">4sHB")


def read_resources(block: bytes) -> Iterator[Source]:
    """The sources of metadata among the resources."""
    resources = dict(_resources(block))
    if _EXIF in resources:
        yield read_exif_bytes(resources[_EXIF])
    if _XMP in resources:
        yield read_xmp(resources[_XMP])
    if _IPTC in resources:
        yield read_iptc(resources[_IPTC], iptc_rank(resources[_IPTC], resources.get(_IPTC_DIGEST)))


def iptc_rank(iptc: bytes, digest: bytes | None) -> Rank:
    """Whether IPTC was edited after the last program that keeps it in step with XMP wrote its digest."""
    is_edited = digest is not None and digest != hashlib.md5(iptc, usedforsecurity=False).digest()
    return Rank.EDITED_IPTC if is_edited else Rank.IPTC


def _resources(block: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and data of each resource, the last first, so that in a ``dict`` the first one of a number stays."""
    found: list[tuple[int, bytes]] = []
    offset = 0
    for _ in range(MOST_RESOURCES):
        if offset + _resource.size > len(block):
            break
        signature, number, name_length = _resource.unpack_from(block, offset)
        start = offset + 6 + (name_length + 2) // 2 * 2
        if signature not in _SIGNATURES or start + 4 > len(block):
            break
        length = int.from_bytes(block[start : start + 4], "big")
        found.append((number, block[start + 4 : start + 4 + length]))
        offset = start + 4 + length + length % 2
    return reversed(found)
