"""Lists a container, also one that Azurite cannot list.

Azure encodes a name that XML cannot carry (one with a control character). Azurite answers 500 to every request whose
answer would hold such a name, or whose prefix or marker does. Everything else is then listed prefix by prefix.
"""

import logging
import string
import time
from collections.abc import AsyncIterator
from http import HTTPStatus

from functions_emulator.blobs.page import ListedBlob, ListingError, Page, Pages
from functions_emulator.text import one_line

# The only control characters of XML, and what sorts next.
_LOWEST = "\t\n\r "
_PRINTABLE = "".join(sorted(set(string.printable) - set(string.whitespace)))
# After every name that begins with what stands before it.
_LAST = "\ufffd" * 4
_MAX_PAGE = 5000
"""The most that storage returns at once (List Blobs)."""

_log = logging.getLogger(__name__)


class Listing:
    """The blobs of a container whose names begin with ``prefix``.

    Attributes:
        seconds: what the last listing took, without the work between its pages.
    """

    def __init__(self, pages: Pages, prefix: str, *, page_size: int = _MAX_PAGE) -> None:
        self.seconds = 0.0
        self._pages = pages
        self._prefix = prefix
        self._page_size = page_size
        self._reported: list[str] = []

    async def blobs(self) -> AsyncIterator[ListedBlob]:
        """Every blob that can be listed, page by page; one may come twice."""
        self.seconds = 0.0
        self._pages.begin_listing()
        unlistable: list[str] = []
        prefixes = [self._prefix]
        while prefixes:
            prefix, marker = prefixes.pop(), ""
            while True:
                page = await self._page(prefix, marker, self._page_size)
                if page is None:
                    unlistable.append(prefix)
                    for blob in await self._first(prefix) or []:
                        yield blob
                    prefixes += await self._longer(prefix)
                    break
                for blob in page.blobs:
                    yield blob
                if not (marker := page.next_marker):
                    break
        self._report(unlistable)

    async def _longer(self, prefix: str) -> list[str]:
        """Prefixes longer by one character that together cover every name that can be listed."""
        longer = [prefix + char for char in _LOWEST]
        while True:
            first = await self._first(prefix, longer[-1] + _LAST)
            if first is None:
                following = await self._nonempty(prefix, longer[-1][-1])
            else:
                following = first[0].name[: len(prefix) + 1] if first else None
            if not following:
                return longer
            longer.append(following)

    async def _nonempty(self, prefix: str, after: str) -> str | None:
        """The next longer prefix with a name that cannot be listed; None beyond ASCII."""
        for char in _PRINTABLE:
            if char > after and await self._first(prefix + char) != []:
                return prefix + char
        return None

    async def _first(self, prefix: str, after: str = "") -> list[ListedBlob] | None:
        """The first blob, if there is one; None when it cannot be listed."""
        page = await self._page(prefix, after, 1)
        return None if page is None else page.blobs

    async def _page(self, prefix: str, marker: str, size: int) -> Page | None:
        """A page; None when Azurite cannot list it."""
        start = time.monotonic()
        try:
            return await self._pages.get(prefix, marker, size)
        except ListingError as error:
            # Azure's own 500 has a code.
            if error.status != HTTPStatus.INTERNAL_SERVER_ERROR or error.code:
                raise
            return None
        finally:
            self.seconds += time.monotonic() - start

    def _report(self, unlistable: list[str]) -> None:
        deepest = [one for one in unlistable if not any(other != one and other.startswith(one) for other in unlistable)]
        if deepest and deepest != self._reported:
            shown = ", ".join(f"'{one_line(self._pages.container_name)}/{one_line(one)}…'" for one in deepest)
            _log.warning(
                f"Azurite cannot list names with control characters: {shown} is skipped, everything else is listed; "
                "rename it (Azure lists it)"
            )
        self._reported = deepest
