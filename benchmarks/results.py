"""What was measured, and its two forms: tables in the terminal and in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).resolve().parent / "results"

_COLUMNS = ("measured", "samples", "this project", "ratio", "target", "verdict")
_VERDICTS = {True: "reached", False: "MISSED", None: ""}


@dataclass(frozen=True, kw_only=True)
class Result:
    """One line of a table.

    Attributes:
        what: what was measured, and on what.
        samples: what the samples' way needs, with its unit.
        ours: what this project needs, with its unit.
        ratio: ours divided by the samples', with its spread; empty where that means nothing.
        target: what is to be reached; empty where nothing is.
        reached: whether it was; None without a target.
    """

    what: str
    samples: str = ""
    ours: str
    ratio: str = ""
    target: str = ""
    reached: bool | None = None

    def cells(self) -> tuple[str, ...]:
        return self.what, self.samples, self.ours, self.ratio, self.target, _VERDICTS[self.reached]


@dataclass(frozen=True)
class Section:
    """A table with its heading, and a sentence on how it was measured."""

    title: str
    note: str
    results: Sequence[Result]


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


def spread(ratios: Sequence[float]) -> str:
    """Median of the ratios of pairs, with the least and the greatest where there are several."""
    middle = f"{median(ratios):.2g}" if median(ratios) < 1 else f"{median(ratios):.2f}"
    return f"{middle} ({min(ratios):.2f} to {max(ratios):.2f})" if len(ratios) > 1 else middle


def missed(sections: Sequence[Section]) -> bool:
    return any(result.reached is False for section in sections for result in section.results)


def show(section: Section, console: Console) -> None:
    table = Table(*_COLUMNS, title=section.title, title_justify="left")
    for result in section.results:
        table.add_row(*result.cells(), style="bold red" if result.reached is False else None)
    console.print(table)


def markdown(heading: str, conditions: str, sections: Sequence[Section], charts: Sequence[str]) -> str:
    """The tables under a heading; a column in which nothing stands is left out."""
    lines = [f"# {heading}", "", conditions, ""]
    lines += [line for chart in charts for line in (f"![{chart.removesuffix('.svg').replace('-', ' ')}]({chart})", "")]
    for section in sections:
        lines += [f"## {section.title}", "", section.note, "", *_table(section.results), ""]
    return "\n".join(lines)


def _table(results: Sequence[Result]) -> list[str]:
    rows = [_COLUMNS, *(result.cells() for result in results)]
    used = [at for at in range(len(_COLUMNS)) if any(row[at] for row in rows[1:])]
    header, *body = [[row[at] for at in used] for row in rows]
    return ["| " + " | ".join(row) + " |" for row in (header, ["---"] * len(used), *body)]
