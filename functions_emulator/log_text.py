"""Text from outside (names, files, exceptions) made fit for a log line or a message."""

from functions_emulator.sanitizer import sanitize

_LONGEST = 600


def one_line(text: str) -> str:
    """``text`` on one line, without what looks like a secret, control characters escaped, at most 600 characters."""
    line = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in sanitize(" ".join(text.split()))
    )
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
