"""Which folder's `imagectl start` runs the Azurite on a port of this machine."""

import getpass
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def owned(port: int, folder: Path, process_id: int) -> Iterator[None]:
    """Note, while Azurite runs, whose it is."""
    note = _note(port)
    note.write_text(json.dumps({"folder": str(folder), "process": process_id}), encoding="utf-8")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def owner(port: int) -> Path | None:
    """The folder; None for an Azurite that was started by hand, or whose `start` was killed with it."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        noted = json.loads(_note(port).read_text(encoding="utf-8"))
        if _runs(int(noted["process"])):
            return Path(noted["folder"])
    return None


def _note(port: int) -> Path:
    # Not in the checkout: another one has to find it.
    return Path(tempfile.gettempdir()) / f"imagectl-azurite-{getpass.getuser()}-{port}.json"


def _runs(process_id: int) -> bool:
    if os.name == "nt":
        return True  # there, signal 0 would end the process
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
