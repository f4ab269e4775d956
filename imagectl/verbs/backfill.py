"""``imagectl backfill``: start what is in the container and has no row, straight through the durable API."""

import argparse
from dataclasses import dataclass, field

from image_metadata.storage.listing import ListedBlob
from imagectl.errors import interrupt_says
from imagectl.output.columns import Column, Kind
from imagectl.output.options import add_output_arguments, output_options
from imagectl.output.progress import open_ended_progress
from imagectl.output.records import Records
from imagectl.pipeline.bounded_start import add_max_running, start_all
from imagectl.pipeline.deleted_blobs import ListedBlobs, record_changes
from imagectl.pipeline.durable_api import add_app_arguments, app_from
from imagectl.pipeline.inventory import images
from imagectl.pipeline.unprocessed import Unprocessed

NOTES = (
    "An orchestration has the id of its upload, so running this again, at once or after a kill, starts nothing twice."
)
EXAMPLES = """
imagectl backfill --dry-run
imagectl backfill --prefix 2026/
"""

_COLUMNS = (Column("result"), Column("blob", Kind.BLOB), Column("upload_id", is_main=False))
_RESULTS = {True: "started", False: "running already"}


@dataclass
class Tally:
    """What a backfill has started so far.

    Attributes:
        unprocessed: what it has listed.
        running: orchestrations that were live already.
    """

    unprocessed: Unprocessed = field(default_factory=Unprocessed)
    started: int = 0
    running: int = 0

    def __str__(self) -> str:
        return (
            f"{self.unprocessed.blobs:,} blobs: {self.unprocessed.readable:,} without a row ({self.started:,} started, "
            f"{self.running:,} running already), {self.unprocessed.inaccessible:,} inaccessible"
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--prefix", metavar="P", help="only blobs whose names begin with P")
    parser.add_argument("--dry-run", action="store_true", help="start nothing; show every blob that would be started")
    add_max_running(parser)
    add_app_arguments(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    options, tally = output_options(arguments), Tally()
    app = None if arguments.dry_run else app_from(arguments)
    source = images()
    unprocessed = tally.unprocessed.list(source, arguments.prefix or "")
    with interrupt_says(lambda: tally), Records(_COLUMNS, options) as records:
        if app is None:
            for blob in unprocessed:
                records.write(_record("would start", blob))
        else:
            if not arguments.prefix:
                tally.unprocessed.listed = ListedBlobs(source.asked_at)
            with open_ended_progress(options) as progress:
                task = progress.add_task("Backfill", total=None, note="")
                starts = start_all(app, unprocessed, lambda blob: app.start(blob.upload), arguments.max_running)
                for blob, started in starts:
                    tally.started += started
                    tally.running += not started
                    progress.update(task, note=str(tally))
                    records.write(_record(_RESULTS[started], blob))
    options.note(f"{tally}.")
    if tally.unprocessed.listed is not None:
        changes = record_changes(tally.unprocessed.listed)
        if changes.deleted or changes.returned:
            options.note(
                f"Blobs with a row: {changes.deleted:,} recorded as deleted, {changes.returned:,} as there again."
            )
    return 0


def _record(result: str, blob: ListedBlob) -> dict[str, str]:
    return {"result": result, "blob": str(blob.upload), "upload_id": blob.upload.id}
