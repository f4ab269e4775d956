"""JPEG 2000: the JP2 family of files and the bare codestream (ITU-T T.800, annexes A and I)."""

import struct
from collections.abc import Callable, Iterable, Mapping

from image_metadata.headers.embedded.iptc import read_iptc
from image_metadata.headers.embedded.photoshop import read_resource_block
from image_metadata.headers.embedded.sources import Source, header_fields
from image_metadata.headers.embedded.xmp import read_xmp
from image_metadata.headers.exif.fields import read_exif_bytes
from image_metadata.headers.isobmff.boxes import Box, Fields, boxes, children
from image_metadata.headers.reader import HeaderReader
from image_metadata.headers.rejections import corrupt, unsupported
from image_metadata.headers.signatures import JPEG2000_CODESTREAM as CODESTREAM
from image_metadata.headers.signatures import JPEG2000_CONTAINER as CONTAINER
from image_metadata.model import ImageHeader

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_WITH_ALPHA = frozenset({"LA", "RGBA", "PA"})
_READ = frozenset({b"ihdr", b"bpcc", b"colr", b"pclr", b"cdef"})
_PALETTE_MODES = {"L": "P", "LA": "PA"}
_CMYK = 12
_BLACK_AND_WHITE_OR_GRAY = frozenset({0, 15, 17})
_OPACITY = frozenset({1, 2})
_VARYING_DEPTH = 0xFF
# What the extended type of a ``uuid`` box says of its content: EXIF as most programs write it and as Photoshop does,
# XMP (part 3, section 1.1.4), IPTC-IIM, Photoshop's resources.
_METADATA: Mapping[bytes, Callable[[bytes], Iterable[Source]]] = {
    b"JpgTiffExif->JP2": lambda block: [read_exif_bytes(block)],
    bytes.fromhex("0537cdab9d0c4431a72afa561f2a113e"): lambda block: [read_exif_bytes(block)],
    bytes.fromhex("be7acfcb97a942e89c71999491e3afac"): lambda packet: [read_xmp(packet)],
    bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38"): lambda block: [read_iptc(block)],
    bytes.fromhex("2c4c0100850440b9a03e562148d6dfeb"): read_resource_block,
}
_EXTENDED_TYPE = 16
_MOST_METADATA = 16
_OTHERS = {b"mjp2": "a Motion JPEG 2000 video", b"jpm ": "a JPM compound document"}
_SHORTEST_SIZ = 38
_SIZ = struct.Struct(">H2x4I16xHB")


def read(source: HeaderReader) -> ImageHeader:
    """The header boxes of a JP2, JPX or JPH file, else the codestream's SIZ marker segment.

    ``width`` and ``height`` are those of the reference grid's image area, as in Pillow.

    Raises:
        HeaderRejectedError: unsupported_format for Motion JPEG 2000 and compound documents.
    """
    if source.at(0, 4) == CODESTREAM:
        return _of_codestream(source, 0)
    brand = source.at(20, 4) if source.at(16, 4) == b"ftyp" else b""
    if brand in _OTHERS:
        raise unsupported(_OTHERS[brand])
    return _of_container(source)


def _of_container(source: HeaderReader) -> ImageHeader:
    """Up to the codestream; metadata behind the header boxes only where it costs no further request."""
    header, sources = None, list[Source]()
    for box in boxes(source, len(CONTAINER), source.size):
        if box.kind == b"jp2h":
            header = box
        elif box.kind == b"uuid" and len(sources) < _MOST_METADATA:
            sources += _sources(source, box)
        elif box.kind == b"jp2c" and header is None:
            return _of_codestream(source, box.start, sources)
        if box.kind == b"jp2c" or (header and not source.holds(box.end, 8)):
            break
    if header is None:
        raise corrupt("a JP2 header or a codestream", "neither")
    return _of_header(source, header, sources)


def _sources(source: HeaderReader, box: Box) -> Iterable[Source]:
    if not source.holds(box.start, box.end - box.start):
        return []
    read = _METADATA.get(box.content(source, _EXTENDED_TYPE))
    return read(box.content(source)[_EXTENDED_TYPE:]) if read else []


def _of_header(source: HeaderReader, header: Box, sources: Iterable[Source]) -> ImageHeader:
    """Annex I.5.3: ``ihdr`` for the size; ``colr``, ``pclr`` and ``cdef`` for the meaning of the components."""
    contents = {box.kind: box.content(source, 1024) for box in children(source, header) if box.kind in _READ}
    fields = Fields(contents.get(b"ihdr", b""))
    height, width, components, depth = fields.uint(4), fields.uint(4), fields.uint(2), fields.uint(1)
    color_space = _color_space(contents.get(b"colr", b""))
    mode = "CMYK" if (components, color_space) == (4, _CMYK) else _mode(components, deep=depth & 0x7F > 8)  # noqa: PLR2004  # bits
    palette = contents.get(b"pclr")
    if palette and color_space not in _BLACK_AND_WHITE_OR_GRAY:
        mode = _PALETTE_MODES.get(mode or "", mode)
    if depth == _VARYING_DEPTH:
        depth = Fields(contents.get(b"bpcc", b"")).uint(1)
    return ImageHeader(
        format="JPEG2000",
        width=width,
        height=height,
        **header_fields(*sources),
        color_mode=mode,
        bit_depth=(depth & 0x7F) + 1,
        has_alpha=_defines_opacity(contents[b"cdef"]) if b"cdef" in contents else mode in _WITH_ALPHA,
        frame_count=1,
    )


def _color_space(colr: bytes) -> int | None:
    """The enumerated color space (annex I.5.3.3); None when a profile describes it."""
    return int.from_bytes(colr[3:7], "big") if colr[:1] == b"\x01" else None


def _defines_opacity(cdef: bytes) -> bool:
    """Annex I.5.3.6: entries of channel, type and association."""
    return any(int.from_bytes(cdef[at : at + 2], "big") in _OPACITY for at in range(4, len(cdef), 6))


def _mode(components: int, *, deep: bool) -> str | None:
    """Pillow's; None for more components than it has modes for."""
    return "I;16" if components == 1 and deep else _MODES.get(components)


def _of_codestream(source: HeaderReader, start: int, sources: Iterable[Source] = ()) -> ImageHeader:
    """Annex A.5.1: SIZ follows the start of the codestream."""
    if source.at(start, 4) != CODESTREAM:
        raise corrupt("the start of a JPEG 2000 codestream", "other bytes")
    length, right, lower, left, upper, components, depth = _SIZ.unpack(source.at(start + 4, _SIZ.size))
    if length < _SHORTEST_SIZ:
        raise corrupt(f"an SIZ segment of at least {_SHORTEST_SIZ} bytes", str(length))
    mode = _mode(components, deep=depth & 0x7F > 7)  # noqa: PLR2004  # the depth less one
    return ImageHeader(
        format="JPEG2000",
        width=right - left,
        height=lower - upper,
        **header_fields(*sources),
        color_mode=mode,
        bit_depth=(depth & 0x7F) + 1,
        has_alpha=mode in _WITH_ALPHA,
        frame_count=1,
    )
