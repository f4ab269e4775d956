"""``imagectl prune``: delete old rows of states that are no longer current."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime

from image_metadata.intake import CONTAINER
from image_metadata.model import Upload
from image_metadata.storage import blobs
from imagectl.arguments import duration
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--older-than", type=duration, required=True, metavar="AGE", help="stored longer ago than 365d, 12h, 5m or 90s"
    )
    parser.add_argument("--dry-run", action="store_true", help="only print which states would be deleted")


def run(arguments: argparse.Namespace) -> int:
    before = datetime.now(UTC) - arguments.older_than
    batch: list[str] = []
    count = 0
    for state in _deletable(before):
        count += 1
        if arguments.dry_run:
            print(f"{state.upload} {state.upload.etag}")
            continue
        batch.append(state.upload_id)
        if len(batch) == _AT_ONCE:
            delete_uploads(batch)
            batch = []
    delete_uploads(batch)
    print(f"{count:,} past states {'would be ' if arguments.dry_run else ''}deleted.")
    return 0


def _deletable(before: datetime) -> Iterator[PastState]:
    return (state for state in past_states(before) if state.is_superseded or _is_deleted(state.upload))


def _is_deleted(upload: Upload) -> bool:
    return upload.container == CONTAINER and blobs.current_upload(CONTAINER, upload.name) is None
