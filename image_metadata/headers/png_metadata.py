"""Metadata in the chunks of a PNG: EXIF, and what text chunks carry (W3C PNG, third edition, section 11.3.3)."""

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from image_metadata.headers.embedded.iptc import read_iptc
from image_metadata.headers.embedded.photoshop import read_resource_block
from image_metadata.headers.embedded.sources import Camera, Rank, Source
from image_metadata.headers.embedded.text import READ, clean, decode
from image_metadata.headers.embedded.timestamps import Timestamp, is_blank, parse_timestamp
from image_metadata.headers.embedded.xmp import read_xmp
from image_metadata.headers.exif.fields import read_exif, read_exif_bytes
from image_metadata.headers.reader import HeaderReader

_EXIF = b"eXIf"
_TEXTS = frozenset([b"tEXt", b"zTXt", b"iTXt"])
_LONGEST_KEYWORD = 80
_LONGEST_TEXT = 256 * 1024
"""Bytes of a text that are unpacked."""

_LONGEST_FETCH = 64 * 1024
MOST_PROFILES, MOST_PLAIN_TEXTS = 8, 64
"""Chunks that are read with EXIF, with a packet or another profile, and with plain text."""

# Programs wrote them before there was ``eXIf``: on lines a name, a length, hexadecimal digits.
_PROFILE = re.compile(rb"\n?[^\n]*\n *[0-9]+\n([0-9A-Fa-f\s]*)")
_PROFILE_KEYWORD = b"raw profile type "
_PROFILES = frozenset([b"exif", b"app1", b"xmp", b"iptc", b"8bim"])
_XMP_KEYWORD = b"xml:com.adobe.xmp"
_XMP_IDENTIFIER = b"http://ns.adobe.com/xap/1.0/\0"
# Keywords of the specification, of common extensions, and of ImageMagick, which copies EXIF field by field.
_ORIGINAL = (b"creation time", b"exif:datetimeoriginal")
_DIGITIZED = (b"exif:datetimedigitized",)
_MAKE, _MODEL, _LENS = (b"make", b"exif:make"), (b"model", b"exif:model"), (b"exif:lensmodel",)
_PLAIN = frozenset([*_ORIGINAL, *_DIGITIZED, *_MAKE, *_MODEL, *_LENS])


class _Chunk(NamedTuple):
    kind: bytes
    keyword: bytes
    start: int
    end: int


class ChunkMetadata:
    """Collects the chunks with metadata while they are walked.

    Of texts that were not fetched on the way one is fetched at the end, and only if EXIF has no camera date.
    """

    def __init__(self, source: HeaderReader) -> None:
        self._source = source
        self._exif: list[_Chunk] = []
        self._profiles: list[_Chunk] = []
        self._plain: list[_Chunk] = []

    def add(self, kind: bytes, start: int, end: int) -> None:
        """A chunk whose data lies between ``start`` and ``end``."""
        keyword = self._keyword(start, end) if kind in _TEXTS else b""
        chunk = _Chunk(kind, keyword, start, end)
        if kind == _EXIF and len(self._exif) < MOST_PROFILES:
            self._exif.append(chunk)
        elif keyword in _PLAIN and len(self._plain) < MOST_PLAIN_TEXTS:
            self._plain.append(chunk)
        elif _is_profile(keyword) and len(self._profiles) < MOST_PROFILES:
            self._profiles.append(chunk)

    def sources(self) -> list[Source]:
        """All of them; ``eXIf`` before EXIF in texts, otherwise in the order of the file within each kind."""
        sources = [read_exif(self._source, chunk.start, chunk.end) for chunk in self._exif]
        may_fetch = not any(source.has_camera_date for source in sources)
        texts: dict[bytes, str] = {}
        for chunk in self._profiles + self._plain:
            length = chunk.end - chunk.start
            is_held = self._source.holds(chunk.start, length)
            if is_held or (may_fetch and length <= _LONGEST_FETCH):
                may_fetch &= is_held
                text = _text(chunk, self._source.at(chunk.start, length))
                if chunk.keyword in _PLAIN:
                    texts.setdefault(chunk.keyword, decode(text[:READ]))
                else:
                    sources += _profile_sources(chunk.keyword, text)
        return [*sources, _plain_source(texts)] if texts else sources

    def _keyword(self, start: int, end: int) -> bytes:
        length = min(end - start, _LONGEST_KEYWORD)
        return self._source.at(start, length).split(b"\0", 1)[0].lower() if self._source.holds(start, length) else b""


def _is_profile(keyword: bytes) -> bool:
    return keyword == _XMP_KEYWORD or keyword.removeprefix(_PROFILE_KEYWORD) in _PROFILES


def _text(chunk: _Chunk, data: bytes) -> bytes:
    """The text of a chunk, unpacked where it is compressed."""
    text = data[len(chunk.keyword) + 1 :]
    is_compressed = chunk.kind == b"zTXt"
    if chunk.kind == b"iTXt":
        # Compression flag and method, language tag, translated keyword.
        is_compressed = text[:1] == b"\1"
        text = text[2:].split(b"\0", 2)[-1]
    elif is_compressed:
        text = text[1:]
    if not is_compressed:
        return text[:_LONGEST_TEXT]
    try:
        return zlib.decompressobj().decompress(text, _LONGEST_TEXT)
    except zlib.error:
        return b""


def _profile_sources(keyword: bytes, text: bytes) -> Iterator[Source]:
    if keyword == _XMP_KEYWORD:
        yield read_xmp(text)
        return
    lines = _PROFILE.match(text)
    digits = b"".join(lines[1].split()) if lines else b""
    profile = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
    if profile.startswith(_XMP_IDENTIFIER) or keyword.endswith(b"xmp"):
        yield read_xmp(profile.removeprefix(_XMP_IDENTIFIER))
    elif not keyword.endswith((b"iptc", b"8bim")):
        yield read_exif_bytes(profile)
    elif profile.startswith(b"8BIM"):
        yield from read_resource_block(profile)
    else:
        yield read_iptc(profile)


def _plain_source(texts: dict[bytes, str]) -> Source:
    dates = [texts[keyword] for keyword in (*_ORIGINAL, *_DIGITIZED) if keyword in texts]
    return Source(
        rank=Rank.TEXT,
        original=_first_date(texts, _ORIGINAL),
        digitized=_first_date(texts, _DIGITIZED),
        has_camera_date=any(not is_blank(date) for date in dates),
        camera=Camera(_first_name(texts, _MAKE), _first_name(texts, _MODEL)),
        lens_model=_first_name(texts, _LENS),
    )


def _first_date(texts: dict[bytes, str], keywords: tuple[bytes, ...]) -> Timestamp | None:
    return next((date for keyword in keywords if (date := parse_timestamp(texts.get(keyword, "")))), None)


def _first_name(texts: dict[bytes, str], keywords: tuple[bytes, ...]) -> str | None:
    return next((name for keyword in keywords if (name := clean(texts.get(keyword, "")))), None)
