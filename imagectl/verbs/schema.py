"""``imagectl schema``: create the schema in the database or upgrade it, check which one it has, or print it."""

import argparse
from contextlib import closing

from image_metadata import settings
from image_metadata.database.connections import connect
from image_metadata.database.tables import SCHEMA_VERSION
from imagectl.schema import scripts
from imagectl.schema.upgrade import upgrade_schema, version

NOTES = (
    "apply, the default, keeps every row and changes nothing when it is run again; several at once all succeed. "
    "check changes nothing: exit status 1 says that apply is needed. show prints sql/sqlserver.sql, "
    "sql/sqlite.sql or docs/tables.md. Order of an upgrade: schema, sql/least-privilege.sql, app."
)

EXAMPLES = """
imagectl schema
imagectl schema check || imagectl schema
imagectl schema show sqlserver | sqlcmd …
"""

_SCRIPTS = {"sqlserver": scripts.sql_server, "sqlite": scripts.sqlite, "tables": scripts.tables}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="{apply,check,show}")
    actions.add_parser("apply", help="create or upgrade")
    actions.add_parser("check", help="say which version the database has")
    show = actions.add_parser("show", help="print a script, or the documentation of the tables")
    show.add_argument("script", choices=list(_SCRIPTS))


def run(arguments: argparse.Namespace) -> int:
    action = getattr(arguments, "action", None) or "apply"
    if action == "show":
        print(_SCRIPTS[arguments.script](), end="")
        return 0
    with closing(connect(settings.sql(), create=action != "check")) as connection:
        if action == "check":
            return _check(version(connection))
        before = version(connection)
        upgrade_schema(connection)
    if before >= SCHEMA_VERSION:
        print(f"Schema version {before}: nothing to do.")
    else:
        print(f"Schema upgraded from version {before} to {SCHEMA_VERSION}.")
    return 0


def _check(present: int) -> int:
    if present >= SCHEMA_VERSION:
        print(f"Schema version {present}: the app needs {SCHEMA_VERSION}.")
        return 0
    print(f"Schema version {present}: the app needs {SCHEMA_VERSION}; run imagectl schema.")
    return 1
