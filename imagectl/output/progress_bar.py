"""The progress that is shown, drawn by rich on one line of the terminal."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column
from rich.text import Text

_BAR_WIDTH = 20
# In a narrower terminal the bar would take the room of the note; the numbers beside it say the same.
_WIDE_ENOUGH_FOR_A_BAR = 80


def byte_progress() -> Progress:
    return _progress(
        BarColumn(_BAR_WIDTH),
        DownloadColumn(table_column=_whole()),
        TransferSpeedColumn(table_column=_whole()),
        TimeRemainingColumn(table_column=_whole()),
    )


def count_progress() -> Progress:
    return _progress(
        BarColumn(_BAR_WIDTH), MofNCompleteColumn(table_column=_whole()), TimeElapsedColumn(table_column=_whole())
    )


def open_ended_progress() -> Progress:
    return _progress(TimeElapsedColumn(table_column=_whole()))


def _progress(*columns: ProgressColumn) -> Progress:
    console = Console(stderr=True, highlight=False)
    has_bar = console.width >= _WIDE_ENOUGH_FOR_A_BAR
    shown = [column for column in columns if has_bar or not isinstance(column, BarColumn)]
    return Progress(TextColumn("{task.description}"), *shown, _NoteColumn(), console=console, transient=True)


def _whole() -> Column:
    return Column(no_wrap=True)


class _NoteColumn(ProgressColumn):
    """The task's field ``note``, the only column that is cut: rich narrows columns first that could wrap."""

    def render(self, task: Task) -> Text:
        return Text(task.fields["note"], no_wrap=True, overflow="ellipsis")
