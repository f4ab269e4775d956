"""Progress on stderr: none where stderr is no terminal or the options are quiet."""

import sys

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from imagectl.output.options import OutputOptions
from imagectl.output.text import is_terminal


def byte_progress(options: OutputOptions) -> Progress:
    """With rate and time left; a task counts bytes, and its field ``note`` is shown behind them."""
    return _progress(options, BarColumn(20), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(), _NOTE)


def count_progress(options: OutputOptions) -> Progress:
    """A task counts items and says what they are in its description; its field ``note`` is shown behind them."""
    return _progress(options, BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), _NOTE)


def open_ended_progress(options: OutputOptions) -> Progress:
    """For work whose extent is not known: the time, and the task's field ``note``."""
    return _progress(options, TimeElapsedColumn(), _NOTE)


_NOTE = TextColumn("{task.fields[note]}", markup=False)


def _progress(options: OutputOptions, *columns: object) -> Progress:
    console = Console(stderr=True, highlight=False)
    is_shown = is_terminal(sys.stderr) and not options.quiet
    return Progress(
        TextColumn("{task.description}"),
        *columns,  # type: ignore[arg-type]  # columns of rich
        console=console,
        transient=True,
        disable=not is_shown,
    )
