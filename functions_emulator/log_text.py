"""Text from outside (names, files, exceptions) made fit for a log line."""

import re

# What spells a secret to the Functions host; it cuts from there to the next of < " ' (its Sanitizer).
_SECRET = re.compile(
    r"(?:Token=|DefaultEndpointsProtocol=http|AccountKey=|Data Source=|Server=|Password=|pwd=|[&?]sig=|"
    r"SharedAccessKey=|[&?]code=)[^<\"']*",
    re.IGNORECASE,
)
_LONGEST = 600


def one_line(text: str) -> str:
    """``text`` on one line, without what looks like a secret, control characters escaped, at most 600 characters."""
    hidden = _SECRET.sub("[Hidden Credential]", " ".join(text.split()))
    line = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in hidden)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
