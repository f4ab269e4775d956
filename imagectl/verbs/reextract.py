"""``imagectl reextract``: read images again whose rows an older release wrote, and replace the rows."""

import argparse

from image_metadata.headers import EXTRACTOR_VERSION
from image_metadata.model import RejectionReason
from imagectl.arguments import positive
from imagectl.output.options import add_output_arguments
from imagectl.pipeline.bounded_start import add_max_running
from imagectl.pipeline.durable_api import add_app_arguments
from imagectl.reextraction.run import reextract
from imagectl.reextraction.selection import Selection

NOTES = (
    "A row is deleted, with its key, only when its blob still has the state that the row describes and can be "
    "read now; then the upload is started again. Stopped at any point, it goes on when it is run again. It needs "
    "DELETE on ImageMetadata and ImageRejections, which the app's own database user does not have."
)
EXAMPLES = """
imagectl reextract --dry-run
imagectl reextract --older-than 2 --image-format TIFF --prefix scans/
imagectl reextract --rejected unsupported_format
imagectl reextract --all
"""


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
    parser.add_argument("--prefix", metavar="P", help="only blobs whose names begin with P")
    parser.add_argument("--dry-run", action="store_true", help="change nothing; show what would be read again")
    add_max_running(parser)
    add_app_arguments(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    selection = Selection(
        older_than=None if arguments.all else arguments.older_than,
        image_format=arguments.image_format,
        reason=arguments.rejected,
        prefix=arguments.prefix or "",
    )
    return reextract(selection, arguments)
