"""Text in metadata: of uncertain encoding, padded, cut, and on its way into a column of 80 characters."""

import codecs

LONGEST = 80
"""Characters that are kept of a text."""

READ = 1024
"""Bytes that are read for a text: enough for 80 characters of any encoding behind a lot of padding."""


def decode(raw: bytes) -> str:
    """UTF-8 where it is that, else Latin-1; ends at the first NUL. The last character may be cut."""
    raw = raw.split(b"\0", 1)[0]
    if raw.isascii():
        return str(raw, "ascii")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(raw)
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def clean(text: str) -> str | None:
    """At most 80 printable characters without blanks around them; None where nothing is left."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return text.strip()[:LONGEST].rstrip() or None
