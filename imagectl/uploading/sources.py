"""The files that a command line names, and the blob names that they get."""

import os
import re
import stat
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from imagectl.errors import UsageError
from imagectl.output.text import visible
from imagectl.uploading.names import problem_of

NEVER_SENT = "local.settings.json"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to send.

    Attributes:
        size: in bytes, when it was found.
        is_named: it stands on the command line itself, so it is sent whatever its content.
    """

    path: Path
    name: str
    size: int
    is_named: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """Something in a folder that cannot be sent, and why."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Glob patterns for the names that blobs get, or for the last part of them; ``*`` also matches ``/``."""

    include: Sequence[str] = ()
    exclude: Sequence[str] = ()

    def pass_(self, name: str) -> bool:
        if self.include and not _matches(name, self.include):
            return False
        return not _matches(name, self.exclude)


@dataclass
class Sources:
    """What was found.

    Attributes:
        left_out: number of files that are not sent on purpose, by reason.
        failures: what cannot be sent.
    """

    files: list[Source] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)


def find_sources(
    paths: Sequence[str],
    *,
    name: str | None = None,
    prefix: str = "",
    filters: Filters = Filters(),  # frozen
) -> Sources:
    """The files to send, in the order of the paths, those of a folder by name.

    Raises:
        UsageError: the name or the prefix is invalid, a path is empty or not there, a file that is named cannot be sent
            under its name, or two files would become the same blob.
    """
    for option, given in (("--prefix", f"{prefix}x"), ("--name", name)):
        if given is not None and (problem := problem_of(given)):
            raise UsageError(f"{option}: {problem}; choose another")
    found = Sources()
    for path in paths:
        if os.path.isdir(path):  # noqa: PTH112  # a Path drops the slash at the end
            _add_folder(found, path, prefix, filters)
        else:
            _add_file(found, path, prefix, name)
    if name is not None and (len(paths) != 1 or os.path.isdir(paths[0])):  # noqa: PTH112  # as above
        raise UsageError("--name is for a single file; leave it out, or name one file")
    _require_one_file_a_name(found.files)
    return found


def _add_file(found: Sources, path: str, prefix: str, name: str | None) -> None:
    file = Path(path)
    if not path:
        raise UsageError("expected a file or folder, found an empty path (an unset variable?); name one")
    if not file.exists():
        raise UsageError(f"expected a file or folder, but there is no {visible(path)}; check the name")
    if not file.is_file():
        raise UsageError(f"expected a file or folder, but {visible(path)} is neither; name another")
    if file.name == NEVER_SENT:
        raise UsageError(f"expected images, found {NEVER_SENT}, which holds settings and is never sent; leave it out")
    blob_name = prefix + (file.name if name is None else name)
    if problem := problem_of(blob_name):
        raise UsageError(f"{visible(path)}: {problem}; choose another name with --name")
    found.files.append(Source(file, blob_name, file.stat().st_size, is_named=True))


def _add_folder(found: Sources, path: str, prefix: str, filters: Filters) -> None:
    folder = Path(path)
    # As with rsync: a slash at the end, or a dot, stands for what is in the folder.
    is_content = re.split(r"[/\\]" if os.sep == "\\" else "/", path)[-1] in {"", ".", ".."}
    base = "" if is_content else f"{folder.name}/"

    def unreadable(error: OSError) -> None:
        found.failures.append(Failure(str(error.filename), f"cannot be read: {error.strerror}; change its permissions"))

    root = folder.resolve()
    for where, folders, files in os.walk(folder, onerror=unreadable):
        inside = Path(where).relative_to(folder).as_posix()
        within = "" if inside == "." else f"{inside}/"
        found.left_out["hidden"] += sum(each.startswith(".") for each in folders)
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        found.left_out["links"] += sum(Path(where, each).is_symlink() for each in folders)
        for file in sorted(files):
            _add(found, Path(where, file), prefix + base + within + file, root, filters)


def _add(found: Sources, path: Path, name: str, root: Path, filters: Filters) -> None:
    reason = _reason_to_leave_out(path, root, found)
    if reason is None and not filters.pass_(name):
        reason = "excluded"
    if reason is not None:
        found.left_out[reason] += bool(reason)
    elif problem := problem_of(name):
        found.failures.append(Failure(str(path), f"{problem}; rename the file"))
    else:
        found.files.append(Source(path, name, path.stat().st_size, is_named=False))


def _reason_to_leave_out(path: Path, root: Path, found: Sources) -> str | None:
    """The reason; empty when it is listed as a failure."""
    if path.name.startswith("."):
        return "hidden"
    if path.name == NEVER_SENT:
        return NEVER_SENT
    try:
        if path.is_symlink() and not path.resolve(strict=True).is_relative_to(root):
            return "links"
        return None if stat.S_ISREG(path.stat().st_mode) else "not files"
    except OSError as error:
        found.failures.append(Failure(str(path), f"cannot be read: {error.strerror}; repair or remove it"))
        return ""


def _matches(name: str, patterns: Sequence[str]) -> bool:
    last = name.rpartition("/")[2]
    return any(fnmatchcase(name, pattern) or fnmatchcase(last, pattern) for pattern in patterns)


def _require_one_file_a_name(files: Sequence[Source]) -> None:
    taken: dict[str, Source] = {}
    for file in files:
        first = taken.setdefault(file.name, file)
        if first is not file:
            raise UsageError(
                f"{visible(str(first.path))} and {visible(str(file.path))} would both become the blob "
                f"{visible(file.name)}; upload them apart with --prefix, or a folder that holds both"
            )
