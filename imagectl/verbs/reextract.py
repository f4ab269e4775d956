"""``imagectl reextract``: read images again whose rows an older release wrote, and replace the rows."""

import argparse
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

from image_metadata.headers import EXTRACTOR_VERSION
from image_metadata.model import RejectionReason, Upload
from imagectl.arguments import positive
from imagectl.errors import interrupt_says
from imagectl.output.options import add_output_arguments, output_options
from imagectl.output.progress import open_ended_progress
from imagectl.output.records import Column, Records
from imagectl.pipeline.bounded_start import add_max_running, start_all
from imagectl.pipeline.durable_api import DurableApp, add_app_arguments, app_from
from imagectl.pipeline.reextraction import Reextraction, Selection

HELP = "read images again whose rows an older release wrote"
EXAMPLES = """
imagectl reextract --dry-run
imagectl reextract --older-than 2 --image-format TIFF --prefix scans/
imagectl reextract --rejected unsupported_format
imagectl reextract --all
"""

_COLUMNS = (Column("result"), Column("blob"), Column("upload_id", is_main=False))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    versions = parser.add_mutually_exclusive_group()
    versions.add_argument(
        "--older-than",
        type=positive,
        default=EXTRACTOR_VERSION,
        metavar="VERSION",
        help="rows of an extractor_version below this, or without one (default: %(default)s, this release's)",
    )
    versions.add_argument(
        "--all",
        action="store_true",
        help="rows of every version, for instance after STORE_LOCATION was switched on",
    )
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--image-format", metavar="F", help="only images of this format, as the column format names it")
    kinds.add_argument(
        "--rejected",
        choices=[reason.value for reason in RejectionReason],
        metavar="REASON",
        help=f"only rejections with this reason ({', '.join(RejectionReason)})",
    )
    parser.add_argument("--prefix", default="", metavar="P", help="only blobs whose names begin with P")
    parser.add_argument("--dry-run", action="store_true", help="change nothing; show what would be read again")
    parser.epilog = (
        "A row is deleted, with its key, only when its blob still has the state that the row describes and can be read "
        "now; then the upload is started again. Stopped at any point, it goes on when it is run again. It needs DELETE "
        "on ImageMetadata and ImageRejections, which the app's own database user does not have."
    )
    add_max_running(parser)
    add_app_arguments(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    selection = Selection(
        older_than=None if arguments.all else arguments.older_than,
        image_format=arguments.image_format,
        reason=arguments.rejected,
        prefix=arguments.prefix,
    )
    options, work, tally = output_options(arguments), Reextraction(selection), Counter[str]()
    results = _foreseen(work) if arguments.dry_run else _results(app_from(arguments), work, arguments.max_running)
    with ExitStack() as stack:
        stack.enter_context(interrupt_says(lambda: _summary(work, tally)))
        records = stack.enter_context(Records(_COLUMNS, options))
        progress = stack.enter_context(open_ended_progress(options))
        task = progress.add_task("Reextract", total=None, note="")
        for upload, result in results:
            tally[result] += 1
            progress.update(task, note=_summary(work, tally))
            records.write({"result": result, "blob": str(upload), "upload_id": upload.id})
    options.note(f"{_summary(work, tally)}.")
    return 0


def _foreseen(work: Reextraction) -> Iterator[tuple[Upload, str]]:
    return ((upload, "would start") for upload in work.uploads())


def _results(app: DurableApp, work: Reextraction, max_running: int) -> Iterator[tuple[Upload, str]]:
    for upload, started in start_all(app, work.cleared(), app.start, max_running):
        yield upload, "started" if started else "active already"


def _summary(work: Reextraction, tally: Counter[str]) -> str:
    done = ", ".join(f"{count:,} {result}" for result, count in sorted(tally.items())) or "none to read again"
    left = f", {work.inaccessible:,} left because they cannot be read now" if work.inaccessible else ""
    return f"{work.blobs:,} blobs: {done}{left}"
