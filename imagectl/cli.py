"""The command line: one verb, one module, imported when its verb is asked for.

So ``--help`` is fast, and ``setup`` runs before any package is installed.
"""

import argparse
import contextlib
import difflib
import importlib
import os
import shutil
import signal
import sys
import textwrap
import threading
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

from functions_emulator.errors import EmulatorError
from image_metadata.errors import (
    ImageMetadataError,
    SettingError,
    TransientDatabaseError,
    TransientStorageError,
)
from imagectl import VERSION
from imagectl.errors import EXIT_STATUSES, ExitStatus, UnreachableError, UsageError
from imagectl.output import streams

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

VERBS = {
    "setup": "install what is missing: Python packages, Azurite, the SQLite ODBC driver",
    "demo": "run sample images through the whole pipeline in a temporary folder and show their rows",
    "start": "run the local stack until Ctrl-C: Azurite, the database and the functions",
    "upload": "upload files and folders to the container of images",
    "query": "show rows: filtered, sorted, as a table or as data",
    "show": "show everything about one blob, and what to do next",
    "failures": "show what failed, is inaccessible, poisoned or rejected, grouped by reason",
    "status": "count what is uploaded, stored, rejected, running, failed and unprocessed",
    "report": "write one self-contained page about every image and rejection: charts, lists, and a table to filter",
    "schema": "create the tables and the views, or bring older ones up to date",
    "retry": "restart failed orchestrations and poison messages",
    "reextract": "read images again whose rows an older release wrote",
    "backfill": "start every upload that has no row",
    "purge": "delete the history of old finished orchestrations",
    "prune": "delete old rows of states that are no longer current",
    "forget": "erase rows, rejections, keys, observations, poison messages and histories of a blob",
}
"""What each verb does. ``verbs/VERB.py`` has the ``NOTES`` and ``EXAMPLES`` of its help, ``add_arguments(parser)`` and
``run(arguments) -> int``.
"""

DEBUG_VARIABLE = "IMAGECTL_DEBUG"

_DEPLOYED = "--azd"
_UNREACHABLE = (SettingError, TransientStorageError, TransientDatabaseError, UnreachableError, EmulatorError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit status; whatever goes wrong is one line on stderr."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _end_every_signal_as_ctrl_c()
        streams.prepare()
        status = _run(words)
        sys.stdout.flush()
    except SystemExit as exit_:  # of argparse, after --help and on wrong usage
        return _flushed(exit_)
    except BaseException as error:  # noqa: BLE001  # the one place that turns errors into a line
        status = _status_of(error)
    if status == ExitStatus.INTERRUPTED and threading.active_count() > 1:
        # Python would wait for every request that a thread has under way.
        os._exit(status)
    return status


def _flushed(exit_: SystemExit) -> int:
    try:
        sys.stdout.flush()
    except OSError as error:
        return _status_of(error)
    return exit_.code if isinstance(exit_.code, int) else ExitStatus.DONE


def _status_of(error: BaseException) -> int:
    """Print the line for an error; returns the exit status."""
    if os.environ.get(DEBUG_VARIABLE):
        raise error
    if isinstance(error, BrokenPipeError):
        # The reader, `head` for instance, has seen enough.
        streams.discard_output()
        return ExitStatus.DONE
    if isinstance(error, OSError):
        streams.discard_output()
    status, sentence = _verdict(error)
    with contextlib.suppress(OSError, ValueError):
        print(f"imagectl: {sentence}", file=sys.stderr, flush=True)
    return status


def _verdict(error: BaseException) -> tuple[ExitStatus, str]:
    match error:
        case KeyboardInterrupt():
            verdict = (ExitStatus.INTERRUPTED, ": ".join(["interrupted", *map(str, error.args)]))
        case UsageError():
            verdict = (ExitStatus.USAGE, str(error))
        case ImageMetadataError() | EmulatorError():
            status = ExitStatus.UNREACHABLE if isinstance(error, _UNREACHABLE) else ExitStatus.ATTENTION
            verdict = (status, str(error))
        case ImportError():
            # Also pyodbc without the system's libodbc.
            sentence = f"expected every package of requirements-dev.txt, but one cannot be loaded ({error}); "
            verdict = (ExitStatus.UNREACHABLE, f"{sentence}run python3 -m imagectl setup, then use the Python in .venv")
        case OSError(filename=None):
            sentence = f"expected to write to standard output, but: {error.strerror or error}; redirect it elsewhere"
            verdict = (ExitStatus.ATTENTION, sentence)
        case OSError():
            sentence = f"expected to use the file {error.filename!r}, but: {error.strerror}; change its permissions"
            verdict = (ExitStatus.ATTENTION, sentence)
        case _:
            sentence = f"expected to finish, but met a bug ({type(error).__name__}); "
            verdict = (
                ExitStatus.ATTENTION,
                f"{sentence}run it again with {DEBUG_VARIABLE}=1 and report what it prints",
            )
    return verdict


def parse(words: list[str]) -> tuple[ModuleType | None, argparse.Namespace]:
    """The module of the verb that a command line names, and its arguments. Nothing is run.

    Raises:
        SystemExit: after ``--help`` and ``--version``, and on a wrong command line.
    """
    chosen = [word for word in words if word != _DEPLOYED][:1]
    verb = importlib.import_module(f"imagectl.verbs.{chosen[0]}") if chosen and chosen[0] in VERBS else None
    parser = _parser(chosen, verb)
    if verb is None and chosen and not chosen[0].startswith("-"):
        parser.error(_unknown_verb(chosen[0]))
    parsed = parser.parse_args(words)
    if parsed.azd and chosen[0] in importlib.import_module("imagectl.deployment.target").LOCAL_VERBS:
        parser.error(f"{chosen[0]} is about this machine and does not go with {_DEPLOYED}")
    return verb, parsed


def _unknown_verb(word: str) -> str:
    nearest = difflib.get_close_matches(word, VERBS, n=1)
    return f"expected a verb, found {word!r}" + "".join(f"; the nearest is {verb}" for verb in nearest)


def _run(words: list[str]) -> int:
    verb, parsed = parse(words)
    if verb is None:
        return ExitStatus.DONE
    if parsed.azd:
        return _run_on_deployment(verb, parsed)
    if words[:1] != ["setup"]:
        _keep_libraries_quiet()
        from imagectl.local.settings import load_local_settings  # noqa: PLC0415  # takes as long as all help

        load_local_settings()
    return int(verb.run(parsed))


def _run_on_deployment(verb: ModuleType, parsed: argparse.Namespace) -> int:
    target = importlib.import_module("imagectl.deployment.target")
    _keep_libraries_quiet()
    with target.deployed() as deployed:
        parsed.url = deployed.function_app_url
        return int(verb.run(parsed))


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, where the usage of a verb takes up to ten, and hides no error of stdout."""

    def _print_message(self, message: str, file: "SupportsWrite[str] | None" = None) -> None:
        # Help and version: argparse itself drops what the stream cannot take.
        if file is None or file is not sys.stdout:
            super()._print_message(message, file)
        else:
            file.write(message)

    def error(self, message: str) -> NoReturn:
        self.exit(ExitStatus.USAGE, f"{self.prog}: {message}; {self.prog} --help lists the options\n")


def _parser(chosen: list[str], verb: ModuleType | None) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="imagectl",
        description="Metadata of uploaded images: run the pipeline here, look at it anywhere.",
        epilog=EXIT_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        # The verb is the first word that is not --azd, whole.
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"imagectl {VERSION}")
    parser.add_argument(_DEPLOYED, action="store_true", help="work on what azd deployed from this checkout")
    verbs = parser.add_subparsers(required=True, title="verbs", dest="verb")
    for name, summary in VERBS.items():
        subparser = verbs.add_parser(name, help=summary, formatter_class=argparse.RawDescriptionHelpFormatter)
        if verb and [name] == chosen:
            # Every argument without a type of its own.
            subparser.register("type", None, importlib.import_module("imagectl.arguments").text)
            verb.add_arguments(subparser)
            _explain(subparser, summary, verb)
    return parser


def _explain(parser: argparse.ArgumentParser, summary: str, verb: ModuleType) -> None:
    """Put what the verb does, its notes and its examples around its options."""
    width = shutil.get_terminal_size().columns - 2
    notes = textwrap.fill(verb.NOTES, width, break_on_hyphens=False)
    examples = textwrap.indent(verb.EXAMPLES.strip(), "  ")
    parser.description = textwrap.fill(summary, width, break_on_hyphens=False)
    parser.epilog = f"{notes}\n\nexamples:\n{examples}\n\n{EXIT_STATUSES}"


def _keep_libraries_quiet() -> None:
    """Libraries log warnings to stderr where nobody configured logging; what matters of them is in our errors."""
    logging = importlib.import_module("logging")
    logging.getLogger().addHandler(logging.NullHandler())


def _end_every_signal_as_ctrl_c() -> None:
    """Let ``kill`` and a closed terminal end a command as Ctrl-C does, so that it stops what it started.

    ``__main__`` lets Ctrl-C end the process until here; where the caller ignores Ctrl-C, it stays ignored.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        # Not every system has each signal, and only the main thread may set a handler.
        with contextlib.suppress(AttributeError, ValueError):
            signal.signal(getattr(signal, name), signal.default_int_handler)
