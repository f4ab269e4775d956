"""What a measurement found, and its three forms: a table in the terminal, Markdown, and a picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).resolve().parent / "results"

_COLUMNS = ("measured", "the usual way", "this project", "ratio", "to reach", "verdict")


@dataclass(frozen=True, kw_only=True)
class Result:
    """One line of the table.

    Attributes:
        what: what was measured, and on what.
        usual: what the usual way needs, with its unit.
        ours: what this project needs, with its unit.
        ratio: ours divided by the usual way's; None where that means nothing.
        target: what is to be reached.
        reached: whether it was.
    """

    what: str
    usual: str
    ours: str
    ratio: float | None
    target: str
    reached: bool

    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{self.ratio:.2g}" if self.ratio < 1 else f"{self.ratio:.2f}"
        return self.what, self.usual, self.ours, ratio, self.target, "reached" if self.reached else "MISSED"


def amount(size: float) -> str:
    """Bytes as people read them."""
    for unit, factor in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size:.0f} B"


def duration(seconds: float) -> str:
    """Seconds as people read them."""
    for factor, unit in ((1, "s"), (1e3, "ms")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


def show(results: Sequence[Result], console: Console) -> None:
    table = Table(*_COLUMNS)
    for result in results:
        table.add_row(*result.cells(), style=None if result.reached else "bold red")
    console.print(table)


def write(results: Sequence[Result], conditions: str) -> None:
    """Write ``results.md`` and ``results.svg``."""
    RESULTS.mkdir(exist_ok=True)
    rows = [_COLUMNS, tuple("---" for _ in _COLUMNS), *[result.cells() for result in results]]
    lines = ["# Results of the benchmark", "", conditions, "", "![ratios](results.svg)", ""]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    (RESULTS / "results.md").write_text("\n".join(lines) + "\n", "utf-8")
    (RESULTS / "results.svg").write_text(picture(results), "utf-8")


_LEFT, _WIDE, _ROW, _DECADES = 330, 420, 24, 5
_MOST_SHOWN = 2


def picture(results: Sequence[Result]) -> str:
    """Bars of the ratios on a logarithmic scale, from a hundred-thousandth to the usual way's 1."""
    shown = [result for result in results if result.ratio and result.ratio < _MOST_SHOWN]
    height = _ROW * (len(shown) + 2)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDE + 90}" height="{height}">',
        "<style>text { font: 12px sans-serif }</style>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{_LEFT}" y="16" fill="#555">share of what the usual way needs (logarithmic)</text>',
    ]
    for decade in range(_DECADES + 1):
        lines += _grid_line(decade, height)
    for row, result in enumerate(shown):
        lines += _bar(result, _ROW * (row + 1))
    return "\n".join([*lines, "</svg>"]) + "\n"


def _grid_line(decade: int, height: int) -> list[str]:
    x = _LEFT + _WIDE * decade // _DECADES
    label = f"{10.0 ** (decade - _DECADES):g}" if decade < _DECADES else "1"
    return [
        f'<line x1="{x}" y1="{_ROW}" x2="{x}" y2="{height - _ROW}" stroke="#ccc"/>',
        f'<text x="{x}" y="{height - 8}" text-anchor="middle" fill="#555">{label}</text>',
    ]


def _bar(result: Result, y: int) -> list[str]:
    share = 1 + math.log10(max(result.ratio or 1, 10.0**-_DECADES)) / _DECADES
    length = max(2, round(_WIDE * share))
    color = "#2a7" if result.reached else "#c33"
    ratio = result.cells()[3]
    return [
        f'<text x="{_LEFT - 8}" y="{y + 16}" text-anchor="end">{escape(result.what)}</text>',
        f'<rect x="{_LEFT}" y="{y + 4}" width="{length}" height="{_ROW - 8}" fill="{color}"/>',
        f'<text x="{_LEFT + length + 4}" y="{y + 16}">{ratio}</text>',
    ]
