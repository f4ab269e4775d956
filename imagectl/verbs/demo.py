"""``imagectl demo``: sample images through the whole pipeline, on free ports and in a temporary folder."""

import argparse
import hashlib
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS
from image_metadata.errors import ImageMetadataError
from imagectl.arguments import positive
from imagectl.errors import interrupt_says
from imagectl.local.azurite import running_azurite
from imagectl.local.host import EMULATOR, free_port, last_lines, running_host
from imagectl.local.resources import create_container_and_tables, sqlite_connection_string
from imagectl.local.samples import ExpectedImage, ExpectedRejection, Sample, overwritten, samples
from imagectl.local.settings import ADDED_SETTINGS, of_the_example
from imagectl.output.options import OutputOptions, add_output_arguments, output_options
from imagectl.output.progress import Progress, count_progress
from imagectl.output.records import Records
from imagectl.output.row_columns import row_columns
from imagectl.pipeline.inventory import images, transient_storage_error
from imagectl.pipeline.rows import newest_rows
from imagectl.uploading.transfer import content_settings

NOTES = "Some of the files are no images, so that there are rejections too."
EXAMPLES = """
imagectl demo
"""

_ROWS_WITHIN_SECONDS = 60
_POLL_SECONDS = 0.1
_MORE_THAN_ENOUGH = 1000

_NEXT_STEPS = """\
Next:
  make start                     the same stack to keep, on the usual ports
  make upload FILES="a.jpg b/"   from another terminal
  make query                     the rows of your images
  make test                      run the tests"""

Expected = ExpectedImage | ExpectedRejection


class DemoError(ImageMetadataError):
    """The tables do not hold the rows that the samples must become."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--timeout",
        "--patience",
        type=positive,
        default=_ROWS_WITHIN_SECONDS,
        metavar="SECONDS",
        help="how long the rows may take (default: %(default)s)",
    )
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    options = output_options(arguments)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="image-metadata-demo-", ignore_cleanup_errors=True) as folder:
        options.note("Starting Azurite, a SQLite database and the functions …")
        with interrupt_says(lambda: "the temporary stack is stopped and removed"), _running_stack(Path(folder)) as log:
            _run_samples(arguments.timeout, options, log)
    options.note(f"Everything as expected, in {time.monotonic() - started:.0f} s.\n\n{_NEXT_STEPS}")
    return 0


def _run_samples(seconds: int, options: OutputOptions, log: Path) -> None:
    try:
        _deliver(seconds, options)
    except ImageMetadataError:
        # The log is in the temporary folder.
        print(f"The functions host printed last:\n{last_lines(log)}", flush=True)
        raise
    for table in (IMAGE_METADATA, IMAGE_REJECTIONS):
        with Records(row_columns(table), options, title=table.name) as records:
            for row in reversed(newest_rows(table, _MORE_THAN_ENOUGH)):
                records.write(row)


@contextmanager
def _running_stack(folder: Path) -> Iterator[Path]:
    """Azurite, tables and host in a folder, with this process's settings pointing there; yields the host's log."""
    with running_azurite(folder / "azurite", in_memory=True) as azurite:
        storage = dict.fromkeys(("AzureWebJobsStorage", "ImageStorage"), azurite.connection_string)
        worker = of_the_example("FUNCTIONS_WORKER_RUNTIME", "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", *ADDED_SETTINGS)
        os.environ.update(storage, **worker, SqlConnectionString=sqlite_connection_string(folder / "images.db"))
        create_container_and_tables()
        log = folder / "host.log"
        with running_host(EMULATOR, free_port(), log):
            yield log


def _deliver(seconds: int, options: OutputOptions) -> None:
    """Upload every sample, and wait until the tables hold the row that each must become, and no other."""
    first, second = overwritten()
    files = [*samples(), first]
    expected = [sample.expected for sample in files]
    with count_progress(options) as progress:
        _upload(files, progress)
        _wait_for(expected, seconds, progress)
        # Only after its first state was read: otherwise that state has no row.
        _upload([second], progress)
        _wait_for([*expected, second.expected], seconds, progress)


def _upload(files: Iterable[Sample], progress: Progress) -> None:
    container, files = images().container, list(files)
    task = progress.add_task("Uploading", total=len(files), note="")
    for sample in files:
        md5 = hashlib.md5(sample.content, usedforsecurity=False).digest()
        with transient_storage_error("Azurite"):
            container.upload_blob(
                sample.name, sample.content, overwrite=True, content_settings=content_settings(sample.name, md5)
            )
        progress.advance(task)


def _wait_for(expected: list[Expected], seconds: int, progress: Progress) -> None:
    deadline, task = time.monotonic() + seconds, progress.add_task("Stored", total=len(expected), note="")
    while (found := _stored()) != Counter(expected):
        missing, surplus = Counter(expected) - found, found - Counter(expected)
        progress.update(task, completed=len(expected) - missing.total())
        if time.monotonic() > deadline or surplus:
            raise DemoError(
                f"expected {len(expected)} rows within {seconds} s, found {found.total()}; "
                f"missing: {_listed(missing)}; not expected: {_listed(surplus)}"
            )
        time.sleep(_POLL_SECONDS)
    progress.update(task, completed=len(expected))


def _stored() -> Counter[Expected]:
    accepted = newest_rows(IMAGE_METADATA, _MORE_THAN_ENOUGH)
    rejections = newest_rows(IMAGE_REJECTIONS, _MORE_THAN_ENOUGH)
    return Counter(
        [
            *(ExpectedImage(row["file_name"], row["format"], row["width"], row["height"]) for row in accepted),
            *(ExpectedRejection(row["file_name"], row["reason"]) for row in rejections),
        ]
    )


def _listed(rows: Counter[Expected]) -> str:
    return "; ".join(map(str, rows)) or "nothing"
