"""Which blob names are sent.

https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
"""

import unicodedata

from imagectl.arguments import LONGEST_BLOB_NAME

_NOT_IN_XML = frozenset("\ufffe\uffff")


def problem_of(name: str) -> str | None:
    """Why storage would not keep a blob of exactly this name, or None."""
    if not 0 < len(name) <= LONGEST_BLOB_NAME:
        return f"expected a blob name of 1 to {LONGEST_BLOB_NAME} characters, found {len(name)}"
    if any("\ud800" <= char <= "\udfff" for char in name):
        return "expected a name in UTF-8, found bytes that are not"
    if any(unicodedata.category(char) == "Cc" or char in _NOT_IN_XML for char in name):
        return "expected a name without control characters, found one, and listings fail on it"
    if "\\" in name:
        return "expected a name without backslashes, which storage turns into slashes"
    if any(part in {".", ".."} for part in name.split("/")):
        return "expected a name without the parts . and .., which URLs lose"
    return None
