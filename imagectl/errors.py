"""The errors that end a verb, and the exit statuses. Standard library only: the command line imports it first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum

from image_metadata.errors import ImageMetadataError


class ExitStatus(IntEnum):
    """What every verb exits with."""

    DONE = 0
    ATTENTION = 1
    USAGE = 2
    UNREACHABLE = 3
    INTERRUPTED = 130


EXIT_STATUSES = """\
exit status:
  0    done
  1    action is required, or part of the work failed
  2    wrong usage
  3    could not ask: a setting is wrong or absent, or storage, database or app cannot be reached
  130  interrupted by Ctrl-C
"""


class UsageError(ImageMetadataError):
    """The arguments are invalid; nothing was changed."""


class UnreachableError(ImageMetadataError):
    """Storage, the database, the app or something that runs them cannot be reached or is not installed."""


@contextmanager
def interrupt_says(done: Callable[[], object]) -> Iterator[None]:
    """On Ctrl-C, raise KeyboardInterrupt with a summary of what was done, which the command line prints."""
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(str(done())) from None
