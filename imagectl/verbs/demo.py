"""``imagectl demo``: sample images through the whole pipeline, on free ports and in a temporary folder."""

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS
from image_metadata.errors import ImageMetadataError
from imagectl.arguments import positive
from imagectl.local.azurite import running_azurite
from imagectl.local.host import EMULATOR, free_port, last_lines, running_host
from imagectl.local.resources import create_container_and_tables, sqlite_connection_string
from imagectl.local.samples import ExpectedImage, ExpectedRejection, Sample, overwritten, samples
from imagectl.local.settings import ADDED_SETTINGS, of_the_example
from imagectl.pipeline.blob_upload import upload
from imagectl.pipeline.inventory import CONTAINER
from imagectl.pipeline.rows import newest_rows
from imagectl.printing import console, row_table

HELP = "run sample images, and files that are none, through the whole pipeline in a temporary folder; show their rows"

_PATIENCE_SECONDS = 60
_LOOK_AGAIN_SECONDS = 0.1
_MORE_THAN_ENOUGH = 1000

_NEXT_STEPS = """\
Next:
  make start                     the same stack to keep, on the usual ports
  make upload FILES="a.jpg b/"   from another terminal
  make query                     the rows of your images
  make test                      run the tests"""


class DemoError(ImageMetadataError):
    """The tables do not hold what the samples must become."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--patience",
        type=positive,
        default=_PATIENCE_SECONDS,
        metavar="SECONDS",
        help="how long the rows may take (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    screen = console()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="image-metadata-demo-", ignore_cleanup_errors=True) as folder:
        screen.print("Starting Azurite, a SQLite database and the functions …")
        with _running_stack(Path(folder)) as log:
            _explain_failure(screen, log, arguments.patience)
    screen.print(f"Everything as expected, in {time.monotonic() - started:.0f} s.\n\n{_NEXT_STEPS}")
    return 0


def _explain_failure(screen: Console, log: Path, patience: int) -> None:
    try:
        _deliver(screen, patience)
        _show_rows(screen)
    except ImageMetadataError as error:
        raise DemoError(f"{error}\nThe functions host said last:\n{last_lines(log)}") from error


@contextmanager
def _running_stack(folder: Path) -> Iterator[Path]:
    """Azurite, tables and host in a folder, with this process's settings pointing there; gives the host's log."""
    with running_azurite(folder / "azurite", in_memory=True) as azurite:
        storage = dict.fromkeys(("AzureWebJobsStorage", "ImageStorage"), azurite.connection_string)
        worker = of_the_example("FUNCTIONS_WORKER_RUNTIME", "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", *ADDED_SETTINGS)
        os.environ.update(storage, **worker, SqlConnectionString=sqlite_connection_string(folder / "images.db"))
        create_container_and_tables()
        log = folder / "host.log"
        with running_host(EMULATOR, free_port(), log):
            yield log


def _deliver(screen: Console, patience: int) -> None:
    """Upload every sample, and wait until the tables hold what each must become, and nothing else."""
    first, second = overwritten()
    files = [*samples(), first]
    with _progress(screen) as progress:
        uploading = progress.add_task("Uploading", total=len(files) + 1)
        stored = progress.add_task("Stored   ", total=len(files) + 1)
        _upload(files, progress, uploading)
        expected = [sample.expected for sample in files]
        _wait_for(expected, patience, progress, stored)
        # Only after its first state was read, or there would be nothing to tell of that.
        _upload([second], progress, uploading)
        _wait_for([*expected, second.expected], patience, progress, stored)


def _progress(screen: Console) -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=screen)


def _upload(files: Iterable[Sample], progress: Progress, task: TaskID) -> None:
    for sample in files:
        upload(CONTAINER, sample.name, sample.content)
        progress.advance(task)


def _wait_for(
    expected: list[ExpectedImage | ExpectedRejection], patience: int, progress: Progress, task: TaskID
) -> None:
    deadline = time.monotonic() + patience
    while (found := _found_rows()) != Counter(expected):
        missing, surplus = Counter(expected) - found, found - Counter(expected)
        progress.update(task, completed=len(expected) - missing.total())
        if time.monotonic() > deadline or surplus:
            raise DemoError(
                f"expected {len(expected)} rows within {patience} s, found {found.total()}; "
                f"missing: {_listed(missing)}; not expected: {_listed(surplus)}"
            )
        time.sleep(_LOOK_AGAIN_SECONDS)
    progress.update(task, completed=len(expected))


def _found_rows() -> Counter[ExpectedImage | ExpectedRejection]:
    images = newest_rows(IMAGE_METADATA, _MORE_THAN_ENOUGH)
    rejections = newest_rows(IMAGE_REJECTIONS, _MORE_THAN_ENOUGH)
    return Counter(
        [
            *(ExpectedImage(row["file_name"], row["format"], row["width"], row["height"]) for row in images),
            *(ExpectedRejection(row["file_name"], row["reason"]) for row in rejections),
        ]
    )


def _listed(rows: Counter[ExpectedImage | ExpectedRejection]) -> str:
    return "; ".join(map(str, rows)) or "nothing"


def _show_rows(screen: Console) -> None:
    for table in (IMAGE_METADATA, IMAGE_REJECTIONS):
        screen.print(row_table(table, reversed(newest_rows(table, _MORE_THAN_ENOUGH))))
