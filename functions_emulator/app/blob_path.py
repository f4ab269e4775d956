"""The ``path`` of a blob trigger: which blobs it is about and what its token binds."""

import re
from dataclasses import dataclass
from typing import Self

from functions_emulator.errors import AppError

_PATH = re.compile(r"([^/]+)/([^{}]*)\{(\w+)\}([^{}]*)")
_CONTAINER = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]|\$root")


@dataclass(frozen=True)
class BlobPath:
    """``container/prefix{token}suffix``; ``{token}`` takes at least one character, slashes included."""

    container: str
    prefix: str
    token: str
    suffix: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises AppError for any other form: the emulator binds one token."""
        match = _PATH.fullmatch(text)
        if not match:
            raise AppError(f'path "{text}" is not supported by this emulator; write container/{{name}}')
        if not _CONTAINER.fullmatch(match[1]):
            raise AppError(f'path "{text}" begins with "{match[1]}", which cannot name a container; correct it')
        return cls(*match.groups())

    def match(self, blob_name: str) -> dict[str, str] | None:
        """The token and what it binds in ``blob_name``, or None when the blob is not this trigger's."""
        end = len(blob_name) - len(self.suffix)
        fits = blob_name.startswith(self.prefix) and blob_name.endswith(self.suffix) and end > len(self.prefix)
        return {self.token: blob_name[len(self.prefix) : end]} if fits else None
