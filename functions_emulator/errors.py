"""What can go wrong, each with one sentence: expected, found, next move."""

from collections.abc import Iterator
from contextlib import contextmanager

from functions_emulator.log_text import one_line


class EmulatorError(Exception):
    """Base of every error that the emulator raises on purpose."""


class AppError(EmulatorError):
    """The app cannot be started; every ``problems`` entry is one line that names its file."""

    def __init__(self, *problems: str) -> None:
        self.problems = tuple(one_line(problem) for problem in problems)
        super().__init__("\n".join(self.problems))


@contextmanager
def collecting(problems: list[str]) -> Iterator[None]:
    """Go on after an AppError in the block, keeping its problems: all are shown together."""
    try:
        yield
    except AppError as error:
        problems.extend(error.problems)


class FunctionFailedError(EmulatorError):
    """One invocation failed.

    ``str()`` is what the worker reports to the host: ``ValueError: bad image``. ``stack`` is the Python stack
    as text. Both come from the function and may hold whatever it put there: they are for the engine's Reason
    and Details, not for a log line; ``log_text`` is.
    """

    def __init__(self, type_name: str, message: str, stack: str = "", *, log_text: str | None = None) -> None:
        super().__init__(f"{type_name}: {message}")
        self.type_name = type_name
        self.message = message
        self.stack = stack
        self.log_text = one_line(log_text or str(self))
