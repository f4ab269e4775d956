"""What the host does to the text of an exception before anything else sees it (azure-functions-host, Sanitizer).

It is applied here so that a payload which would be damaged in Azure is damaged on the laptop too.
"""

import re

_CREDENTIAL = re.compile(
    r"(?:(?<!PublicKey)Token=|DefaultEndpointsProtocol=http|AccountKey=|Data Source=|Server=|Password=|pwd=|"
    r"[&?](?:amp;)?(?:sig|code)=|SharedAccessKey=)[^<\"']*",
    re.IGNORECASE | re.ASCII,
)


def sanitize(text: str) -> str:
    """``text`` with everything from a credential's keyword to the next ``<``, ``"`` or ``'`` replaced."""
    return _CREDENTIAL.sub("[Hidden Credential]", text)
