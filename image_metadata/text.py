"""Text from outside (blob names, EXIF, drivers) made fit for a log line or a message."""

from urllib.parse import quote

# Whatever the Functions host takes for a secret (``?sig=``, ``Password=``) ends with it.
_HAZARD = "="


def printable(text: str, limit: int = 300) -> str:
    """One line that is safe in a log and in an exception: «=» and control characters percent-encoded.

    Everything else, emoji included, stays readable. At most ``limit`` characters; a cut is shown by ``…``.
    Applied twice it changes nothing more.
    """
    line = "".join(
        quote(char, safe="", errors="replace") if char == _HAZARD or not char.isprintable() else char
        for char in text[: limit + 1]
    )
    return line if len(line) <= limit else line[: limit - 1] + "…"
