"""Runs a re-extraction from a command line and prints its results."""

import argparse
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

from image_metadata.model import Upload
from imagectl.errors import interrupt_says
from imagectl.output.columns import Column, Kind
from imagectl.output.options import output_options
from imagectl.output.progress import open_ended_progress
from imagectl.output.records import Records
from imagectl.pipeline.bounded_start import start_all
from imagectl.pipeline.durable_api import DurableApp, app_from
from imagectl.reextraction.selection import Reextraction, Selection

_COLUMNS = (Column("result"), Column("blob", Kind.BLOB), Column("upload_id", is_main=False))


def reextract(selection: Selection, arguments: argparse.Namespace) -> int:
    """Re-extract what is selected, with the app, the dry run, the limit and the output of the command line."""
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
