"""``imagectl upload``: files and folders become blobs, many at once."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Self

from azure.storage.blob import ContainerClient

from image_metadata import settings
from image_metadata.intake import CONTAINER
from image_metadata.model import Upload
from imagectl.arguments import container_name, duration
from imagectl.errors import ExitStatus, interrupt_says
from imagectl.output.columns import Column, Kind
from imagectl.output.options import OutputOptions, add_output_arguments, output_options
from imagectl.output.progress import byte_progress, count_progress
from imagectl.output.records import Record, Records
from imagectl.output.streams import discard_output
from imagectl.output.text import visible
from imagectl.pipeline.durable_api import DurableApp, add_app_arguments, app_from
from imagectl.pipeline.inventory import images
from imagectl.uploading.following import follow
from imagectl.uploading.run import FAILED, SKIPPED, UPLOADED, Result, Run
from imagectl.uploading.sources import Failure, Filters, Source, find_sources
from imagectl.uploading.tally import Tally

NOTES = (
    "What is there with the same content is skipped, so an upload that was interrupted is simply repeated. In "
    "folders, hidden files, links that lead out of the folder, files that are no images and local.settings.json "
    "are left out and counted. DIR sends names that begin with DIR/, DIR/ (or .) sends what is in it without that "
    "beginning, as with rsync."
)
EXAMPLES = """
imagectl upload photo.jpg
imagectl upload holiday             names begin with holiday/
imagectl upload holiday/ --prefix 2026/ --exclude '*.tif'
imagectl upload photo.jpg --name 2026/beach.jpg
imagectl upload holiday --wait      until every row is there
"""

_COLUMNS = (
    Column("result"),
    Column("name", Kind.NAME),
    Column("bytes", Kind.NUMBER, drop=1),
    Column("reason", Kind.SENTENCE),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    # A file's name may have any bytes, hence not the type of other arguments.
    parser.add_argument("paths", nargs="+", type=str, metavar="PATH", help="a file or a folder")
    parser.add_argument("--name", help="blob name for a single file (default: the file's name)")
    parser.add_argument("--prefix", metavar="P", help="put P before every name")
    parser.add_argument("--container", type=container_name, default=CONTAINER, help="default: %(default)s")
    parser.add_argument("--include", action="append", default=[], metavar="GLOB", help="from folders, only such names")
    parser.add_argument("--exclude", action="append", default=[], metavar="GLOB", help="from folders, no such names")
    parser.add_argument("--all", action="store_true", help="from folders, also files that are no images")
    parser.add_argument("--overwrite", action="store_true", help="send also what is there with the same content")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be sent")
    parser.add_argument(
        "--wait", action="store_true", help="wait until every upload has a row or a rejection, or was superseded"
    )
    parser.add_argument(
        "--timeout", type=duration, default="1h", metavar="AGE", help="with --wait: for so long (default: %(default)s)"
    )
    add_app_arguments(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    options = output_options(arguments)
    filters = Filters(arguments.include, arguments.exclude)
    sources = find_sources(arguments.paths, name=arguments.name, prefix=arguments.prefix or "", filters=filters)
    app = app_from(arguments) if arguments.wait else None
    container = images(arguments.container).container
    tally = Tally.of(sources, dry_run=arguments.dry_run)
    how = Run(container, arguments.overwrite, arguments.all, arguments.dry_run)
    with interrupt_says(lambda: tally):
        uploads = _send(how, sources.files, tally, options)
    _tell(tally, options)
    status = ExitStatus.ATTENTION if tally.needs_attention else ExitStatus.DONE
    if app and uploads and not arguments.dry_run:
        return max(status, _wait(uploads, app, arguments.timeout.total_seconds(), options))
    return status


def _send(how: Run, files: Sequence[Source], tally: Tally, options: OutputOptions) -> list[Upload]:
    """Send the files; returns the uploads that are in the container now."""
    account, uploads = settings.image_storage().account, list[Upload]()
    total = sum(file.size for file in files)
    with byte_progress(options) as progress, _Lines(options) as lines:
        task = progress.add_task("Uploading", total=total, note="")
        for failure in tally.failures:
            lines.write_failure(failure)
        for result in how.results(files, lambda size: progress.advance(task, size)):
            tally.add(result)
            progress.update(task, note=str(tally))
            lines.write(result, "would upload" if how.dry_run else UPLOADED)
            if result.kind in {UPLOADED, SKIPPED}:
                uploads.append(Upload(account, _name(how.container), result.source.name, result.etag))
    return uploads


class _Lines:
    """A record a file, as it is known. A reader that has seen enough does not stop the upload."""

    def __init__(self, options: OutputOptions) -> None:
        self._kinds = {UPLOADED, FAILED} if options.format == "table" else {UPLOADED, FAILED, SKIPPED}
        self._records: Records | None = Records(_COLUMNS, options)
        self._error: OSError | None = None

    def __enter__(self) -> Self:
        return self

    def write(self, result: Result, uploaded: str) -> None:
        if result.kind not in self._kinds:
            return
        kind = uploaded if result.kind == UPLOADED else result.kind
        record = {"name": result.source.name, "bytes": result.source.size, "reason": result.reason or None}
        self._write({"result": kind} | record)

    def write_failure(self, failure: Failure) -> None:
        """What has no blob name: it stands under its path, in which bytes that are no text are escaped."""
        path = failure.what.encode(errors="backslashreplace").decode()
        self._write({"result": FAILED, "name": path, "reason": failure.reason})

    def _write(self, record: Record) -> None:
        if self._records is None:
            return
        try:
            self._records.write(record)
            sys.stdout.flush()
        except OSError as error:
            self._give_up(error)

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if self._records is not None and kind in {None, KeyboardInterrupt}:
            try:
                self._records.__exit__(None, None, None)
            except OSError as error:
                self._give_up(error)
        if kind is None and self._error and not isinstance(self._error, BrokenPipeError):
            raise self._error

    def _give_up(self, error: OSError) -> None:
        self._records, self._error = None, error
        discard_output()


def _tell(tally: Tally, options: OutputOptions) -> None:
    for failure in tally.failures:
        print(f"imagectl: {visible(failure.what)}: {visible(failure.reason)}", file=sys.stderr)
    if tally.stopped:
        sentence = f"{tally.stopped}; the rest was not tried, repeat the upload when that is settled"
        print(f"imagectl: {sentence}", file=sys.stderr)
    options.note(f"{tally}.")


def _wait(uploads: Sequence[Upload], app: DurableApp, seconds: float, options: OutputOptions) -> int:
    ended = Counter[str]()

    def summary() -> str:
        counts = ", ".join(f"{count:,} {word}" for word, count in sorted(ended.items()))
        return f"Of {len(uploads):,} uploads: {counts or 'none done'}"

    with interrupt_says(summary), count_progress(options) as progress:
        task = progress.add_task("Rows", total=len(uploads), note="")

        def show(now: Counter[str]) -> None:
            ended.update({word: count - ended[word] for word, count in now.items()})
            progress.update(task, completed=ended.total())

        _, unsettled = follow(uploads, app, seconds, show)
    for upload in unsettled:
        print(f"imagectl: {upload}: no row; imagectl show tells why", file=sys.stderr)
    options.note(f"{summary()}.")
    return ExitStatus.ATTENTION if unsettled else ExitStatus.DONE


def _name(container: ContainerClient) -> str:
    return str(container.container_name)
