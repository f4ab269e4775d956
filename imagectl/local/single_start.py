"""One ``imagectl start`` per folder: two hosts over the same storage and database would process every upload twice."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imagectl.errors import UnreachableError

# Windows refuses to read locked bytes, so the locked byte lies far behind the note.
_BEHIND_THE_NOTE = 1 << 30


class AlreadyStartedError(UnreachableError):
    """Another ``imagectl start`` runs in this folder."""


@contextmanager
def single_start(folder: Path, port: int) -> Iterator[None]:
    """Hold the lock of the folder; the system releases it also when this process is killed.

    Raises:
        AlreadyStartedError: another process holds it.
    """
    with (folder / "start.lock").open("a+", encoding="utf-8") as file:
        if not _takes_lock(file.fileno()):
            file.seek(0)
            raise AlreadyStartedError(
                f"expected no other imagectl start in {folder.parent}, found one on {file.read() or 'another port'}; "
                "use that one, or stop it first"
            )
        file.seek(0)
        file.truncate()
        file.write(f"http://127.0.0.1:{port} (process {os.getpid()})")
        file.flush()
        yield


def _takes_lock(descriptor: int) -> bool:
    """Lock without waiting; returns whether nobody else has."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415  # only Windows has it

            os.lseek(descriptor, _BEHIND_THE_NOTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415  # Windows has none

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # of flock and of msvcrt, in this order
        return False
    return True
