"""What the Functions host removes from the texts of exceptions (azure-functions-host, `Sanitizer`)."""

import re

_KEYWORDS = (
    *("Token=", "DefaultEndpointsProtocol=http", "AccountKey=", "Data Source=", "Server=", "Password=", "pwd="),
    *("&sig=", "?sig=", "&amp;sig=", "SharedAccessKey=", "&code=", "?code=", "/code=", "&amp;code=", "key="),
)
_CREDENTIAL = re.compile(rf"(?<!PublicKey)(?:{'|'.join(map(re.escape, _KEYWORDS))})[^<\"']*", re.IGNORECASE)
_URI_WITH_PASSWORD = re.compile(r"\b[a-zA-Z]+://[^:/\s]+:[^@/\s]+@[^:/\s]+:[0-9]+\b")


def sanitize(text: str) -> str:
    return _URI_WITH_PASSWORD.sub("[Hidden]", _CREDENTIAL.sub("[Hidden]", text))
