"""Lists a container, also one that Azurite cannot list.

Azure encodes a name that XML cannot carry (one with a control character). Azurite answers 500 to every request whose
answer would hold such a name, or whose prefix or marker does. What it can list is found prefix by prefix then.
"""

import logging
import string
from collections.abc import AsyncIterator
from http import HTTPStatus

from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobProperties
from azure.storage.blob.aio import ContainerClient

from functions_emulator.log_text import one_line

# The only control characters of XML, and what sorts next.
_LOWEST = "\t\n\r "
_PRINTABLE = "".join(sorted(set(string.printable) - set(string.whitespace)))
# After every name that begins with what stands before it.
_LAST = "\ufffd" * 4

PAGE = 5000
"""Blobs that one request lists: the most that storage gives."""

_log = logging.getLogger(__name__)


class Listing:
    """The blobs of a container whose names begin with ``prefix``."""

    def __init__(self, container: ContainerClient, prefix: str) -> None:
        self._container = container
        self._prefix = prefix
        self._told: list[str] = []

    async def blobs(self) -> AsyncIterator[BlobProperties]:
        """Every blob that can be listed, page by page; one may come twice."""
        failing: list[str] = []
        prefixes = [self._prefix]
        while prefixes:
            prefix = prefixes.pop()
            try:
                async for blob in self._container.list_blobs(name_starts_with=prefix or None, results_per_page=PAGE):
                    yield blob
            except HttpResponseError as error:
                _reraise_unless_unlistable(error)
                failing.append(prefix)
                for one in await self._first(prefix) or []:
                    yield one
                prefixes += await self._longer(prefix)
        self._tell(failing)

    async def _longer(self, prefix: str) -> list[str]:
        """Prefixes by one character longer that together hold every name that can be listed."""
        found = [prefix + char for char in _LOWEST]
        while True:
            first = await self._first(prefix, found[-1] + _LAST)
            if first is None:
                following = await self._holding_something(prefix, found[-1][-1])
            else:
                following = first[0].name[: len(prefix) + 1] if first else None
            if not following:
                return found
            found.append(following)

    async def _holding_something(self, prefix: str, after: str) -> str | None:
        """The next longer prefix that a name has when that name cannot be listed; None beyond ASCII."""
        for char in _PRINTABLE:
            if char > after and await self._first(prefix + char) != []:
                return prefix + char
        return None

    async def _first(self, prefix: str, after: str | None = None) -> list[BlobProperties] | None:
        """The first blob, if there is one; None when it cannot be listed."""
        pages = self._container.list_blobs(name_starts_with=prefix or None, results_per_page=1).by_page(after)
        try:
            return [blob async for blob in await anext(pages)]
        except HttpResponseError as error:
            _reraise_unless_unlistable(error)
            return None

    def _tell(self, failing: list[str]) -> None:
        deepest = [one for one in failing if not any(other != one and other.startswith(one) for other in failing)]
        if deepest and deepest != self._told:
            shown = ", ".join(f"'{one_line(self._container.container_name)}/{one_line(one)}…'" for one in deepest)
            _log.warning(
                f"Azurite cannot list names with control characters: {shown} is passed over, everything else is read; "
                "rename it (Azure lists it)"
            )
        self._told = deepest


def _reraise_unless_unlistable(error: HttpResponseError) -> None:
    # Azure's own 500 comes with a code.
    if error.status_code != HTTPStatus.INTERNAL_SERVER_ERROR or getattr(error, "error_code", None):
        raise error
