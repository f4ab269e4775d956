"""The columns of records, and what each keeps where the terminal is too narrow for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from rich.cells import cell_len

from image_metadata.intake import CONTAINER
from imagectl.output.text import fitted, visible

GAP = "  "

_NARROWEST, _NARROWEST_NAME = 6, 24
_LONGEST_CODE = 18  # of a rejection, for instance
_MINUTE, _SECOND = len("2026-11-22 06:28"), len("2026-11-22 06:28:51")


class Kind(Enum):
    """What the values of a column are, which decides how a table shows them.

    TEXT: keeps 18 cells, enough for any code.
    NUMBER: aligned to the right and cut last.
    MOMENT: ISO 8601; to the second, or to the minute where that does not fit.
    NAME: keeps 24 cells, and in a very narrow terminal is cut last.
    BLOB: a name behind its container, which is left out where it is image-input.
    SENTENCE: the last column; what does not fit beside the others stands below them in full.
    """

    TEXT = auto()
    NUMBER = auto()
    MOMENT = auto()
    NAME = auto()
    BLOB = auto()
    SENTENCE = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the records.

    Attributes:
        is_main: also in the formats ``table`` and ``tsv``.
        drop: where columns do not fit side by side, the largest number is left out first; 0 is never left out.
    """

    name: str
    kind: Kind = Kind.TEXT
    is_main: bool = True
    drop: int = 0

    def text(self, value: Any) -> str:
        """The value on one line, before it is cut."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if self.kind is Kind.NUMBER and isinstance(value, float):
            return f"{value:,.1f}"
        text = visible(str(value))
        if self.kind is Kind.MOMENT:
            return text[:_SECOND].replace("T", " ")
        return text.removeprefix(f"{CONTAINER}/") if self.kind is Kind.BLOB else text

    def cell(self, text: str, width: int) -> str:
        """The text in exactly ``width`` cells."""
        if self.kind is Kind.NUMBER and cell_len(text) <= width:
            return " " * (width - cell_len(text)) + text
        if self.kind is Kind.MOMENT and len(text) > width >= _MINUTE:
            text = text[:_MINUTE]
        return fitted(text, width)

    def least(self, needed: int) -> int:
        """The cells that it keeps of those that it needs."""
        match self.kind:
            case Kind.NUMBER:
                return needed
            case Kind.MOMENT:
                return min(needed, _MINUTE)
            case Kind.NAME | Kind.BLOB:
                return min(needed, _NARROWEST_NAME)
            case _:
                return min(needed, _LONGEST_CODE)


def widths_of(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """The width of each column, 0 for one that is left out.

    Columns are left out until what the others keep at least fits; then the widest are cut.
    """
    widths = [max(map(cell_len, texts)) for texts in zip(*rows, strict=True)]
    least = [column.least(width) for column, width in zip(columns, widths, strict=True)]
    for at in sorted(range(len(columns)), key=lambda at: -columns[at].drop):
        if columns[at].drop and line_width(least) > room:
            widths[at] = least[at] = 0
    texts_cut = [
        min(width, _NARROWEST) if column.kind is Kind.TEXT else width
        for column, width in zip(columns, least, strict=True)
    ]
    for cut_to in (least, texts_cut, [min(width, _NARROWEST) for width in widths]):
        _cut(widths, cut_to, room)
    return widths


def line_width(widths: Sequence[int]) -> int:
    shown = [width for width in widths if width]
    return sum(shown) + len(GAP) * (len(shown) - 1)


def _cut(widths: list[int], least: Sequence[int], room: int) -> None:
    while line_width(widths) > room and any(map(int.__gt__, widths, least)):
        widest = max((at for at in range(len(widths)) if widths[at] > least[at]), key=widths.__getitem__)
        widths[widest] -= 1
