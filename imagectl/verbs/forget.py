"""``imagectl forget``: erase what the pipeline keeps about a blob, when a person asks for it."""

import argparse
import sys
from dataclasses import asdict

from image_metadata.intake import CONTAINER
from image_metadata.text import printable
from imagectl.arguments import blob_name
from imagectl.errors import ExitStatus, UsageError
from imagectl.output.columns import Column, Kind
from imagectl.output.options import OutputOptions, add_output_arguments, output_options
from imagectl.output.records import Records
from imagectl.pipeline.durable_api import add_app_arguments, app_from
from imagectl.pipeline.erasure import Names, Traces, erase, find

NOTES = (
    "While the blob exists, forget refuses: it would be found and stored again. It needs DELETE on ImageMetadata, "
    "ImageRejections and BlobObservations, which the app's own database user does not have."
)
EXAMPLES = """
imagectl forget '2026/portrait.jpg' --dry-run
imagectl forget '2026/portrait.jpg'
imagectl forget --prefix customers/4711/ --delete-blobs --yes
"""

_PLANNED = (Column("blob", Kind.BLOB), Column("exists"))
_ERASED = (Column("erased"), Column("count", Kind.NUMBER))
_REMAINS = """\
What remains, and what removes it:
  histories of other orchestrations that were started for the blob: imagectl purge, or the nightly purge
  messages that are being retried in a queue: seven days after they were sent
  lines of the app's log that name the blob: the retention of the Log Analytics workspace
  backups of the database: the retention of its backups
  deleted blobs, versions and backups in storage: the retention of soft delete and of backups there"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("name", nargs="?", type=blob_name, metavar="NAME", help="the blob's name within the container")
    which.add_argument("--prefix", type=blob_name, metavar="P", help="all blobs whose names begin with P")
    parser.add_argument("--delete-blobs", action="store_true", help="delete the blobs, too, if they exist")
    parser.add_argument("--dry-run", action="store_true", help="erase nothing; show which blobs are meant")
    parser.add_argument("--yes", action="store_true", help="do not ask; needed where there is no terminal")
    add_app_arguments(parser)
    add_output_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    names = Names(arguments.name or arguments.prefix, is_prefix=arguments.name is None)
    options, traces = output_options(arguments), find(names)
    if arguments.dry_run:
        _show_plan(traces, options, delete_blobs=arguments.delete_blobs)
        return ExitStatus.DONE
    if traces.existing and not arguments.delete_blobs:
        first = printable(traces.existing[0])
        print(
            f"imagectl: expected the blobs to be deleted, found {len(traces.existing):,} that exist ({first}); "
            "delete them first, or add --delete-blobs",
            file=sys.stderr,
        )
        return ExitStatus.ATTENTION
    if not arguments.yes and not _is_confirmed(traces):
        options.note("Nothing was erased.")
        return ExitStatus.ATTENTION
    erased = erase(app_from(arguments), names, traces)
    with Records(_ERASED, options) as records:
        for what, count in asdict(erased).items():
            records.write({"erased": what, "count": count})
    options.note(_REMAINS)
    return ExitStatus.DONE


def _show_plan(traces: Traces, options: OutputOptions, *, delete_blobs: bool) -> None:
    existing = set(traces.existing)
    with Records(_PLANNED, options) as records:
        for name in _names(traces):
            records.write({"blob": f"{CONTAINER}/{printable(name)}", "exists": name in existing})
    options.note(_plan(traces, delete_blobs=delete_blobs))


def _names(traces: Traces) -> list[str]:
    return sorted(traces.names | set(traces.existing))


def _plan(traces: Traces, *, delete_blobs: bool) -> str:
    existing = "would be deleted" if delete_blobs else "must be deleted first, or with --delete-blobs"
    return (
        f"{len(traces.upload_ids):,} rows and rejections would be erased; "
        f"{len(traces.existing):,} blobs exist and {existing}."
    )


def _is_confirmed(traces: Traces) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("expected --yes where there is no terminal to ask on, found none; add it, or try --dry-run")
    print(*map(printable, _names(traces)), _plan(traces, delete_blobs=True), sep="\n", file=sys.stderr)
    return input("Erase this for good? [y/N] ").strip().lower() in {"y", "yes"}
