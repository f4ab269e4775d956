"""Progress on stderr: none where stderr is no terminal or the options are quiet."""

import sys
from importlib import import_module
from types import ModuleType, TracebackType
from typing import Any, Protocol, Self

from imagectl.output.options import OutputOptions
from imagectl.output.text import is_terminal


class Progress(Protocol):
    """What verbs use of ``rich.progress.Progress``."""

    def add_task(self, description: str, *, total: float | None = None, **fields: Any) -> Any: ...

    def advance(self, task_id: Any, advance: float = 1) -> None: ...

    def update(self, task_id: Any, **values: Any) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class _Hidden:
    """Progress that nobody sees."""

    def add_task(self, description: str, *, total: float | None = None, **fields: Any) -> None:
        """Nothing to draw."""

    def advance(self, task_id: Any, advance: float = 1) -> None:
        """Nothing to draw."""

    def update(self, task_id: Any, **values: Any) -> None:
        """Nothing to draw."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to remove."""


def byte_progress(options: OutputOptions) -> Progress:
    """With rate and time left; a task counts bytes, and its field ``note`` is shown behind them."""
    return _bars().byte_progress() if _is_shown(options) else _Hidden()


def count_progress(options: OutputOptions) -> Progress:
    """A task counts items and says what they are in its description; its field ``note`` is shown behind them."""
    return _bars().count_progress() if _is_shown(options) else _Hidden()


def open_ended_progress(options: OutputOptions) -> Progress:
    """For work whose extent is not known: the time, and the task's field ``note``."""
    return _bars().open_ended_progress() if _is_shown(options) else _Hidden()


def _is_shown(options: OutputOptions) -> bool:
    return is_terminal(sys.stderr) and not options.quiet


def _bars() -> ModuleType:
    # Loaded only where it is shown: it takes a third of the start of a short command.
    return import_module("imagectl.output.progress_bar")
