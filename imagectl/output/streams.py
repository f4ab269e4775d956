"""Standard output and error as a command finds them: closed, full, read by nobody, or in another encoding."""

import contextlib
import os
import sys


def prepare() -> None:
    """Escape what an encoding lacks, write UTF-8 where no terminal says otherwise, and replace closed streams.

    A write to a closed stdout then fails like one to a full disk, instead of into the next file that is opened.
    """
    for descriptor, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            _replace(descriptor, name)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")  # type: ignore[union-attr]  # a text file, unless replaced


def discard_output() -> None:
    """Let nothing more be written: what is buffered would fail again when Python flushes it at the end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _replace(descriptor: int, name: str) -> None:
    # Only what nobody reads may be thrown away: writing to a read-only file fails.
    mode = os.O_WRONLY if name == "stderr" else os.O_RDONLY
    opened = os.open(os.devnull, mode)
    if opened != descriptor:
        os.dup2(opened, descriptor)
        os.close(opened)
    setattr(sys, name, os.fdopen(descriptor, "r" if name == "stdin" else "w", encoding="utf-8", closefd=False))
