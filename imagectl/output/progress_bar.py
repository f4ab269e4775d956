"""The progress that is shown, drawn by rich."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

_BAR_WIDTH = 20


def byte_progress() -> Progress:
    return _progress(BarColumn(_BAR_WIDTH), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())


def count_progress() -> Progress:
    return _progress(BarColumn(_BAR_WIDTH), MofNCompleteColumn(), TimeElapsedColumn())


def open_ended_progress() -> Progress:
    return _progress(TimeElapsedColumn())


def _progress(*columns: ProgressColumn) -> Progress:
    note = TextColumn("{task.fields[note]}", markup=False)
    console = Console(stderr=True, highlight=False)
    return Progress(TextColumn("{task.description}"), *columns, note, console=console, transient=True)
