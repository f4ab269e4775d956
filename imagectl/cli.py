"""The command line: one verb, one module, imported when its verb is asked for.

So ``--help`` is fast, and ``setup`` runs before any package is installed.
"""

import argparse
import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from types import ModuleType

from functions_emulator.errors import EmulatorError
from image_metadata.errors import ImageMetadataError
from imagectl.local.settings import load_local_settings

VERBS = {
    "setup": "install what is missing: Python packages, Azurite, the SQLite ODBC driver",
    "demo": "run sample images through the whole pipeline in a temporary folder and show their rows",
    "start": "run the local stack until Ctrl-C: Azurite, the database and the functions",
    "upload": "upload files and folders to the container of images",
    "query": "show rows, newest first",
    "report": "write one self-contained page about all rows",
    "schema": "create the tables and the view, or bring older ones up to date",
    "status": "tell what is uploaded, stored, rejected, failed or missing",
    "retry": "restart what failed",
    "backfill": "start every image that has no row",
    "purge": "delete the history of old finished orchestrations",
}
"""The list that --help prints. ``VERB.py`` has ``HELP``, ``add_arguments(parser)`` and ``run(arguments) -> int``."""

_INTERRUPTED = 130
_DEPLOYED = "--azd"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb: 0 is success, 1 failure, 2 a wrong command line, 130 Ctrl-C."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    _make_every_end_a_ctrl_c()
    _print_every_name()
    try:
        return _run(words)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (ImageMetadataError, EmulatorError) as error:
        return _fail(str(error))
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ImportError as error:
        # Also pyodbc without the system's libodbc.
        return _fail(
            f"expected every package of requirements-dev.txt, found that one cannot be loaded ({error}); "
            "run python3 -m imagectl setup, then use the Python in .venv"
        )


def _run(words: list[str]) -> int:
    chosen = [word for word in words[:2] if word != _DEPLOYED][:1]
    verb = importlib.import_module(f"imagectl.verbs.{chosen[0]}") if chosen and chosen[0] in VERBS else None
    # The parser exits by itself on --help and on a wrong command line, so that a verb is there after it.
    parser = _parser(chosen, verb)
    parsed = parser.parse_args(words)
    if verb is None:
        return 0
    if parsed.azd:
        return _run_on_deployment(parser, chosen[0], verb, parsed)
    if chosen != ["setup"]:
        load_local_settings()
    return int(verb.run(parsed))


def _run_on_deployment(parser: argparse.ArgumentParser, name: str, verb: ModuleType, parsed: argparse.Namespace) -> int:
    target = importlib.import_module("imagectl.deployment.target")
    if name not in target.VERBS:
        parser.error(f"{_DEPLOYED} goes with {', '.join(sorted(target.VERBS))}, not with {name}")
    with target.deployed() as deployed:
        parsed.url = deployed.function_app_url
        return int(verb.run(parsed))


def _parser(chosen: list[str], verb: ModuleType | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="imagectl", description="Metadata of uploaded images: run the pipeline here, look at it anywhere."
    )
    parser.add_argument(_DEPLOYED, action="store_true", help="work on what azd deployed from this checkout")
    verbs = parser.add_subparsers(required=True)
    for name, summary in VERBS.items():
        subparser = verbs.add_parser(name, help=summary)
        if verb and [name] == chosen:
            subparser.description = verb.HELP
            verb.add_arguments(subparser)
    return parser


def _fail(sentence: str) -> int:
    print(f"imagectl: {sentence}", file=sys.stderr)
    return 1


def _make_every_end_a_ctrl_c() -> None:
    """Let ``kill`` and a closed terminal end a command as Ctrl-C does, so that it stops what it started."""
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        # Not every system has each signal, and only the main thread may set a handler.
        with contextlib.suppress(AttributeError, ValueError):
            signal.signal(getattr(signal, name), signal.default_int_handler)


def _print_every_name() -> None:
    """A terminal or pipe whose encoding lacks a character gets an escape for it, not an exception."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a text file, unless replaced
