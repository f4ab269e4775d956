"""``imagectl upload``: files and folders become blobs, under the names that they have."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from image_metadata.errors import ImageMetadataError, TransientStorageError
from image_metadata.storage import blobs
from image_metadata.text import printable
from imagectl.pipeline.blob_upload import upload
from imagectl.pipeline.inventory import CONTAINER, transient_storage_error
from imagectl.printing import console, visible

HELP = "upload files, and folders with all that is in them except hidden files; what has the same name is overwritten"

# https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
_LONGEST_NAME = 1024


class UploadError(ImageMetadataError):
    """What is to be uploaded is not there, or has no usable name."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and the blob name that it gets."""

    path: Path
    name: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a file, or a folder, whose name begins those of its blobs"
    )
    parser.add_argument("--name", help="blob name for a single file (default: the file's name)")
    parser.add_argument("--container", default=CONTAINER, help="default: %(default)s")


def run(arguments: argparse.Namespace) -> int:
    sources = find_sources(arguments.files, arguments.name)
    _require_container(arguments.container)
    screen = console()
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        bar = progress.add_task("Uploading", total=sum(source.path.stat().st_size for source in sources))
        for source in sources:
            with _readable(source.path) as file:
                upload(arguments.container, source.name, file, lambda size: progress.advance(bar, size))
            print(visible(f"{arguments.container}/{source.name}"))
    return 0


def find_sources(paths: Sequence[Path], name: str | None = None) -> list[Source]:
    """The files to upload, in order.

    Raises:
        UploadError: one is not there, has no valid name, or two would become the same blob.
    """
    sources = [source for path in paths for source in _sources_of(path)]
    if name is not None:
        if len(sources) != 1 or paths[0].is_dir():
            raise UploadError(f"expected one file for --name, found {len(sources)} files; leave out --name")
        sources = [Source(sources[0].path, name)]
    taken: dict[str, Path] = {}
    for source in sources:
        if not 0 < len(source.name) <= _LONGEST_NAME:
            raise UploadError(
                f"expected a blob name of 1 to {_LONGEST_NAME} characters, found {len(source.name)}; "
                "choose one with --name"
            )
        if source.name in taken:
            raise UploadError(
                f"expected a blob name for each file, found one for both {printable(str(taken[source.name]))} and "
                f"{printable(str(source.path))}; upload a folder that holds both"
            )
        taken[source.name] = source.path
    return sources


def _require_container(name: str) -> None:
    """Ask once, without the retries that an upload has: most often nothing is running."""
    try:
        with transient_storage_error("the storage that ImageStorage names"):
            found = blobs.service().get_container_client(name).exists(retry_total=0)
    except TransientStorageError as error:
        raise UploadError(f"{error}; for the local stack: make start") from None
    if not found:
        raise UploadError(
            f"expected the container {printable(name)}, found none of that name; create it, or choose another"
        )


def _sources_of(path: Path) -> Iterator[Source]:
    if path.is_file():
        yield Source(path, path.name)
        return
    if not path.is_dir():
        raise UploadError(f"expected a file or folder, found none called {printable(str(path))}; check the name")
    found = [file for file in sorted(path.rglob("*")) if file.is_file() and not _is_hidden(file.relative_to(path))]
    if not found:
        raise UploadError(
            f"expected files in {printable(str(path))}, found none that is not hidden; name another folder"
        )
    prefix = Path(path.resolve().name) if path.name else Path()
    yield from (Source(file, (prefix / file.relative_to(path)).as_posix()) for file in found)


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _readable(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise UploadError(
            f"expected to read {printable(str(path))}, found {error.strerror}; change its permissions"
        ) from error
