"""Text from outside (blob names, EXIF, drivers) made safe for a log line, a message and a failure state."""

from urllib.parse import quote

# The Functions host removes from every message what follows a secret's keyword, all of which end with "=", and every
# URI with user and password; it finds the state of a failed orchestration by a label with "$".
_HAZARDS = frozenset("=$")
_HAZARDS_IN_A_URI = frozenset("=$@")


def printable(text: str, limit: int = 300) -> str:
    """One line that the Functions host passes on unchanged: hazards and control characters percent-encoded.

    Everything else, emoji included, stays readable. At most ``limit`` characters; a cut is shown by ``…``.
    Applied twice it changes nothing more.
    """
    hazards = _HAZARDS_IN_A_URI if "://" in text else _HAZARDS
    line = "".join(
        quote(char, safe="", errors="replace") if char in hazards or not char.isprintable() else char
        for char in text[: limit + 1]
    )
    return line if len(line) <= limit else line[: limit - 1] + "…"
