"""Text from outside (names, files, exceptions): what the host hides in it, and what is fit for a log line."""

import re

_MAX_LENGTH = 600
_HIDDEN = "[Hidden Credential]"
_CREDENTIAL = re.compile(
    r"(?:(?<!PublicKey)Token=|DefaultEndpointsProtocol=http|AccountKey=|Data Source=|Server=|Password=|pwd=|"
    r"[&?](?:amp;)?(?:sig|code)=|SharedAccessKey=|/code=|key=)[^<\"']*",
    re.IGNORECASE | re.ASCII,
)
_URI_WITH_PASSWORD = re.compile(r"\b[a-zA-Z]+://[^:/\s]+:[^@/\s]+@[^:/\s]+:[0-9]+\b")


def sanitize(text: str) -> str:
    """``text`` without what looks like a credential, as the host's Sanitizer leaves it.

    From a credential's keyword to the next ``<``, ``"`` or ``'`` everything is hidden, and so is a URI with user,
    password and port. It is applied here so that a payload which would be damaged in Azure is damaged on the laptop.
    """
    return _URI_WITH_PASSWORD.sub(_HIDDEN, _CREDENTIAL.sub(_HIDDEN, text))


def one_line(text: str) -> str:
    """``text`` on one line, sanitized, control characters escaped, at most 600 characters."""
    line = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in sanitize(" ".join(text.split()))
    )
    return line if len(line) <= _MAX_LENGTH else line[: _MAX_LENGTH - 1] + "…"
