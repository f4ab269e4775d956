"""``imagectl prune``: delete old rows of states that are no longer current."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from image_metadata.intake import CONTAINER
from image_metadata.model import Upload
from image_metadata.storage import blobs
from imagectl.arguments import duration
from imagectl.errors import ExitStatus, interrupt_says
from imagectl.output.columns import Column, Kind
from imagectl.output.options import add_output_arguments, output_options
from imagectl.output.records import Records
from imagectl.pipeline.deletion import delete_uploads
from imagectl.pipeline.past_states import PastState, past_states

NOTES = (
    "The newest row of a blob that exists stays, however old it is: before the newest row of a deleted blob goes, "
    "storage is asked whether it exists. It needs DELETE on ImageMetadata and ImageRejections, which the app's "
    "own database user does not have."
)
EXAMPLES = """
imagectl prune --older-than 365d --dry-run
imagectl prune --older-than 365d
"""

_AT_ONCE = 500
_COLUMNS = (Column("result"), Column("blob", Kind.BLOB), Column("etag", drop=1), Column("upload_id", is_main=False))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--older-than", type=duration, required=True, metavar="AGE", help="stored longer ago than 365d, 12h, 5m or 90s"
    )
    parser.add_argument("--dry-run", action="store_true", help="delete nothing; show which states would be deleted")
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    options, before = output_options(arguments), datetime.now(UTC) - arguments.older_than
    result = "would delete" if arguments.dry_run else "deleted"
    count = 0
    with interrupt_says(lambda: f"{count:,} {result}"), Records(_COLUMNS, options) as records:
        for batch in _batches(_deletable(before)):
            if not arguments.dry_run:
                delete_uploads([state.upload_id for state in batch])
            for state in batch:
                etag, upload_id = state.upload.etag, state.upload_id
                records.write({"result": result, "blob": str(state.upload), "etag": etag, "upload_id": upload_id})
            count += len(batch)
    options.note(f"{count:,} past states {'would be ' if arguments.dry_run else ''}deleted.")
    return ExitStatus.DONE


def _batches(states: Iterator[PastState]) -> Iterator[list[PastState]]:
    while batch := list(islice(states, _AT_ONCE)):
        yield batch


def _deletable(before: datetime) -> Iterator[PastState]:
    return (state for state in past_states(before) if state.is_superseded or _is_deleted(state.upload))


def _is_deleted(upload: Upload) -> bool:
    return upload.container == CONTAINER and blobs.current_upload(CONTAINER, upload.name) is None
