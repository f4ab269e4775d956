"""What to ask the tables for, as conditions on rows."""

import re
from collections.abc import Callable, Generator, Iterator
from fnmatch import fnmatchcase
from typing import Any

from imagectl.pipeline.row_pages import Condition

DUPLICATES = Condition(
    "content_md5 IN (SELECT content_md5 FROM ImageMetadata WHERE content_md5 IS NOT NULL "
    "GROUP BY content_md5, file_size_kb HAVING COUNT(DISTINCT blob_id) > 1)"
)
"""Rows whose content is that of another blob, too."""

_ESCAPE = "~"


def at_least(column: str, value: Any) -> Condition:
    return Condition(f"{column} >= ?", (value,))


def at_most(column: str, value: Any) -> Condition:
    return Condition(f"{column} <= ?", (value,))


def equals(column: str, value: Any) -> Condition:
    return Condition(f"{column} = ?", (value,))


def contains(columns: tuple[str, ...], text: str) -> Condition:
    """One of the columns contains the text, whatever the case of ASCII letters."""
    likes = " OR ".join(f"{column} LIKE ? ESCAPE '{_ESCAPE}'" for column in columns)
    return Condition(f"({likes})", (f"%{_escaped(text)}%",) * len(columns))


def name_like(pattern: str) -> Condition:
    """Names that may match a glob pattern: databases compare without case, so `name_matcher` decides."""
    head, bracket, _ = pattern.partition("[")
    # Without ESCAPE: Babelfish finds nothing where an escaped character follows a wildcard.
    like = re.sub("[*?%_]", "%", head) + ("%" if bracket else "")
    return Condition("file_name LIKE ?", (like,))


def name_matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a name matches a glob pattern; ``*`` also matches ``/``."""
    return lambda name: fnmatchcase(name, pattern)


def matching(rows: Iterator[list[dict[str, Any]]], matches: Callable[[str], bool]) -> Generator[dict[str, Any]]:
    for page in rows:
        yield from (row for row in page if matches(row["file_name"]))


def _escaped(text: str) -> str:
    return re.sub(rf"[%_\[{_ESCAPE}]", lambda match: _ESCAPE + match[0], text)
