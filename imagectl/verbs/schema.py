"""``imagectl schema``: create the schema in the database or upgrade it, check which one it has, or print it."""

import argparse
from contextlib import closing

from image_metadata import settings
from image_metadata.database.connections import connect
from image_metadata.database.tables import SCHEMA_VERSION, TABLES
from imagectl.errors import ExitStatus
from imagectl.output.columns import Column, Kind
from imagectl.output.options import OutputOptions, add_output_arguments, output_options
from imagectl.output.records import Records
from imagectl.schema import scripts
from imagectl.schema.upgrade import upgrade_schema, version

NOTES = (
    "apply, the default, keeps every row and changes nothing when it is run again; several at once all succeed. "
    "check changes nothing: exit status 1 says that apply is needed. show prints sql/sqlserver.sql, "
    "sql/sqlite.sql or docs/tables.md. Order of an upgrade: schema, sql/least-privilege.sql, app. Without --output, "
    "apply and check print a sentence and show prints the script itself."
)

EXAMPLES = """
imagectl schema
imagectl schema check || imagectl schema
imagectl schema check --output json
imagectl schema show sqlserver | sqlcmd …
imagectl schema show tables --output csv
"""

_SCRIPTS = {"sqlserver": scripts.sql_server, "sqlite": scripts.sqlite, "tables": scripts.tables}


_VERSION_COLUMNS = (
    Column("version", Kind.NUMBER),
    Column("needed", Kind.NUMBER),
    Column("upgraded_from", Kind.NUMBER),
)
_DESCRIPTION_COLUMNS = [
    Column(name, Kind.SENTENCE if name == "meaning" else Kind.TEXT) for name in scripts.DESCRIPTION_COLUMNS
]
_SCRIPT_COLUMNS = (Column("script"), Column("text"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_output_arguments(parser)
    actions = parser.add_subparsers(dest="action", metavar="{apply,check,show}")
    # SUPPRESS keeps an option that stands before the action.
    apply = actions.add_parser("apply", help="create or upgrade", argument_default=argparse.SUPPRESS)
    check = actions.add_parser("check", help="say which version the database has", argument_default=argparse.SUPPRESS)
    show = actions.add_parser(
        "show", help="print a script, or the documentation of the tables", argument_default=argparse.SUPPRESS
    )
    show.add_argument("script", choices=list(_SCRIPTS))
    for action in (apply, check, show):
        add_output_arguments(action)


def run(arguments: argparse.Namespace) -> int:
    action = arguments.action or "apply"
    options = output_options(arguments) if arguments.output or arguments.csv_for_excel else None
    if action == "show":
        _show(arguments.script, options)
        return ExitStatus.DONE
    with closing(connect(settings.sql(), create=action != "check")) as connection:
        before = version(connection)
        if action == "check":
            is_needed = before < SCHEMA_VERSION
            next_move = "; run imagectl schema" if is_needed else ""
            _print_version(
                f"Schema version {before}: the app needs {SCHEMA_VERSION}{next_move}.", before, None, options
            )
            return ExitStatus.ATTENTION if is_needed else ExitStatus.DONE
        upgrade_schema(connection)
    if before >= SCHEMA_VERSION:
        _print_version(f"Schema version {before}: nothing to do.", before, None, options)
    else:
        sentence = f"Schema upgraded from version {before} to {SCHEMA_VERSION}."
        _print_version(sentence, SCHEMA_VERSION, before, options)
    return ExitStatus.DONE


def _print_version(sentence: str, present: int, upgraded_from: int | None, options: OutputOptions | None) -> None:
    if options is None:
        print(sentence)
        return
    with Records(_VERSION_COLUMNS, options) as records:
        records.write({"version": present, "needed": SCHEMA_VERSION, "upgraded_from": upgraded_from})


def _show(script: str, options: OutputOptions | None) -> None:
    if options is None:
        print(_SCRIPTS[script](), end="")
    elif script == "tables":
        with Records(_DESCRIPTION_COLUMNS, options) as records:
            for table in TABLES:
                for column in scripts.described_columns(table):
                    records.write(column)
    else:
        with Records(_SCRIPT_COLUMNS, options) as records:
            records.write({"script": script, "text": _SCRIPTS[script]()})
