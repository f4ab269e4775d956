"""The errors of the emulator. Their messages say what was expected, what was found, and what to do next."""

from collections.abc import Iterator
from contextlib import contextmanager

from functions_emulator.text import one_line


class EmulatorError(Exception):
    """Base of every error that the emulator raises on purpose."""


class AppError(EmulatorError):
    """The app cannot be started; every ``problems`` entry is one line that names its file."""

    def __init__(self, *problems: str) -> None:
        self.problems = tuple(one_line(problem) for problem in problems)
        super().__init__("\n".join(self.problems))


class HostStartError(EmulatorError):
    """The host cannot start."""


@contextmanager
def collecting(problems: list[str]) -> Iterator[None]:
    """Add the problems of an AppError in the block to ``problems``, so that all are shown together."""
    try:
        yield
    except AppError as error:
        problems.extend(error.problems)


class FunctionFailedError(EmulatorError):
    """One invocation failed.

    ``str()`` is what the worker reports to the host: ``ValueError: bad image``. ``stack`` is the Python stack as
    text. Both may hold whatever the function put there: they are meant for the engine's Reason and Details. A log
    line takes ``log_text``.
    """

    def __init__(self, type_name: str, message: str, stack: str = "", *, log_text: str | None = None) -> None:
        super().__init__(f"{type_name}: {message}")
        self.type_name = type_name
        self.message = message
        self.stack = stack
        self.log_text = one_line(log_text or str(self))
