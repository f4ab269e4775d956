"""Names for content that is not an image of a supported format, for the person who uploaded it."""

import codecs

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "a PDF document"),
    (0, b"%!PS", "a PostScript file"),
    (0, b"\xc5\xd0\xd3\xc6", "an EPS file"),
    (0, b"{\\rtf", "an RTF document"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Microsoft Office document"),
    (0, b"PK\x03\x04", "a zip archive"),
    (0, b"PK\x05\x06", "an empty zip archive"),
    (0, b"\x1f\x8b", "gzip-compressed data"),
    (0, b"BZh", "bzip2-compressed data"),
    (0, b"\xfd7zXZ\0", "xz-compressed data"),
    (0, b"\x28\xb5\x2f\xfd", "zstd-compressed data"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM video"),
    (0, b"FLV\x01", "a Flash video"),
    (0, b"\0\0\1\xba", "an MPEG video"),
    (0, b"\0\0\1\xb3", "an MPEG video"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file"),
    (8, b"AVI ", "an AVI video"),
    (8, b"WAVE", "a WAV sound"),
    (0, b"OggS", "an Ogg file"),
    (0, b"fLaC", "a FLAC sound"),
    (0, b"ID3", "an MP3 sound"),
    (4, b"moov", "a QuickTime video"),
    (4, b"mdat", "a QuickTime video"),
    (4, b"wide", "a QuickTime video"),
    (4, b"free", "a QuickTime video"),
    (0, b"II\xbc", "a JPEG XR image"),
    (0, b"\0MRM", "a Minolta raw image"),
    (0, b"FOVb", "a Sigma raw image"),
    (6, b"HEAPCCDR", "an old Canon raw image"),
    (0, b"gimp xcf", "a GIMP image"),
    (0, b"v/1\x01", "an OpenEXR image"),
    (0, b"SDPX", "a DPX image"),
    (0, b"XPDS", "a DPX image"),
    (0, b"/* XPM", "an XPM image"),
    (0, b"BA\x28\0\0\0", "an OS/2 bitmap array"),
    (0, b"BA\x5c\0\0\0", "an OS/2 bitmap array"),
    (0, b"CI\x1a\0\0\0", "an OS/2 icon"),
    (0, b"CI\x4e\0\0\0", "an OS/2 icon"),
    (8, b"ACON", "an animated Windows cursor"),
    (0, b"#?RADIANCE", "a Radiance HDR image"),
    (0, b"#?RGBE", "a Radiance HDR image"),
    (0, b"SIMPLE  =", "a FITS image"),
    (128, b"DICM", "a DICOM image"),
    (0, b"AT&TFORM", "a DjVu document"),
    (0, b"BPG\xfb", "a BPG image"),
    (0, b"FLIF", "a FLIF image"),
    (0, b"\x8aMNG", "an MNG animation"),
    (0, b"\x8bJNG", "a JNG image"),
    (0, b"\xd7\xcd\xc6\x9a", "a Windows metafile"),
    (40, b" EMF", "an enhanced metafile"),
    (0, b"MZ", "a Windows program"),
    (0, b"\x7fELF", "a Linux program"),
    (0, b"\xca\xfe\xba\xbe", "a macOS program or Java class"),
    (0, b"\xcf\xfa\xed\xfe", "a macOS program"),
    (0, b"\0asm", "a WebAssembly program"),
    (0, b"SQLite format 3\0", "an SQLite database"),
    (0, b"wOFF", "a web font"),
    (0, b"wOF2", "a web font"),
    (0, b"\xff\xfb", "an MP3 sound"),
)
_INSIDE_ZIP = (
    (b"word/", "a Microsoft Word document"),
    (b"xl/", "a Microsoft Excel workbook"),
    (b"ppt/", "a Microsoft PowerPoint presentation"),
    (b"[Content_Types].xml", "a Microsoft Office document"),
    (b"application/epub", "an EPUB book"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
)
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\f\r\x1b")
_PDF_LEEWAY = 1024


def looks_like(head: bytes) -> str:
    """What the content is, as a noun phrase; ``head`` is its first few KiB, or all of it."""
    for offset, signature, name in _SIGNATURES:
        if head.startswith(signature, offset):
            return _inside_zip(head) or name if name == "a zip archive" else name
    if b"%PDF-" in head[:_PDF_LEEWAY]:
        return "a PDF document"
    return _text(head) or ("nothing but zero bytes" if not head.strip(b"\0") else "an unknown kind of binary data")


def _inside_zip(head: bytes) -> str | None:
    return next((name for mark, name in _INSIDE_ZIP if mark in head), None)


def _text(head: bytes) -> str | None:
    """Markup by its first tag; other text when it has no control characters; None for binary data."""
    marked = head.startswith(_BYTE_ORDER_MARKS)
    if marked and head[:1] != b"\xef":
        text = head[: len(head) // 2 * 2].decode("utf-16", errors="replace").encode()
    else:
        text = head
    start = text.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in start and start.startswith(b"<"):
        return "an SVG drawing"
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "an HTML page"
    if start.startswith((b"<?xml", b"<!--", b"<!doctype")):
        return "an HTML page" if b"<html" in start else "an XML document"
    if start.startswith((b"{", b"[")) and start.rstrip().endswith((b"}", b"]")):
        return "JSON"
    return "plain text" if marked or _is_plain(text) else None


def _is_plain(text: bytes) -> bool:
    """No control characters, and mostly ASCII or valid UTF-8: true of text in 8-bit encodings too."""
    beyond_ascii = sum(byte >= 0x80 for byte in text)  # noqa: PLR2004  # the end of ASCII
    return bool(text) and _CONTROLS.isdisjoint(text) and (beyond_ascii * 3 <= len(text) or _is_utf8(text))


def _is_utf8(text: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(text)
    except UnicodeDecodeError:
        return False
    return True
