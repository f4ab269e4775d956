"""The committed scripts and documentation follow from the declarations; the T-SQL keeps to what every engine takes."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from image_metadata.database.columns import Table
from image_metadata.database.statements import INSERT_METADATA, INSERT_REJECTION
from image_metadata.database.tables import SCHEMA_VERSION, TABLES, UPLOAD_TABLES
from imagectl.repository import REPOSITORY
from imagectl.schema import scripts, views
from imagectl.schema.migrations import VERSIONS
from tests.imagectl.schema import first_release
from tests.support.databases import sqlite_database, with_tables

SQL_SERVER = (REPOSITORY / "sql" / "sqlserver.sql").read_text("utf-8")
LEAST_PRIVILEGE = (REPOSITORY / "sql" / "least-privilege.sql").read_text("utf-8")
COMMITTED = {"sqlserver": "sql/sqlserver.sql", "sqlite": "sql/sqlite.sql", "tables": "docs/tables.md"}


def without_comments(script: str) -> str:
    return re.sub(r"--.*", "", script)


def schema(file: Path) -> list[tuple[str, ...]]:
    """Columns, indexes, triggers and views of a SQLite database, apart from white space and spelling of a CREATE."""
    with closing(sqlite3.connect(file)) as database:
        columns = [
            (table.name, *map(str, column[1:]))
            for table in TABLES
            for column in database.execute(f"PRAGMA table_info({table.name})")
        ]
        others = database.execute("SELECT name, sql FROM sqlite_master WHERE type <> 'table' ORDER BY name")
        return columns + [(name, " ".join((sql or "").replace("IF NOT EXISTS ", "").split())) for name, sql in others]


@pytest.mark.parametrize("script", COMMITTED)
def test_the_committed_file_is_what_the_command_prints(script: str):
    command = [sys.executable, "-m", "imagectl", "schema", "show", script]
    printed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True, encoding="utf-8")
    hint = f"run `python -m imagectl schema show {script} > {COMMITTED[script]}`"
    assert (REPOSITORY / COMMITTED[script]).read_text("utf-8") == printed.stdout, hint


def test_the_newest_migration_is_the_version_that_the_app_needs():
    assert list(VERSIONS) == list(range(1, SCHEMA_VERSION + 1))
    assert max(column.since for table in TABLES for column in table.columns.values()) <= SCHEMA_VERSION


def test_a_column_that_a_migration_adds_may_be_null():
    added = [column for table in TABLES for column in table.columns.values() if column.since > table.since]
    assert added
    assert all(column.nullable for column in added)


def test_the_sqlite_script_alone_creates_what_the_migrations_lead_to(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "script.db")) as database:
        database.executescript(scripts.sqlite())
        versions = database.execute("SELECT version FROM SchemaVersions").fetchall()
    with_tables(sqlite_database(tmp_path / "migrated.db"))
    assert schema(tmp_path / "script.db") == schema(tmp_path / "migrated.db")
    assert versions == [(version,) for version in VERSIONS]


def test_the_sqlite_script_does_not_claim_to_have_upgraded_an_older_database(tmp_path: Path):
    first_release.create(sqlite_database(tmp_path / "images.db"))
    with closing(sqlite3.connect(tmp_path / "images.db")) as database:
        for statement in scripts.sqlite().split(";\n\n"):
            try:
                database.executescript(statement)
            except sqlite3.OperationalError:
                continue
        assert database.execute("SELECT version FROM SchemaVersions").fetchall() == []


@pytest.mark.parametrize(
    "absent",
    [r"^\s*GO\s*$", r"\bMERGE\b", r"CREATE\s+OR\s+ALTER", r"\?", r"\bADD [^;(]*(?:\([^)]*\)[^;(]*)*, *\w+ [A-Z]"],
    ids=["GO", "MERGE", "CREATE OR ALTER", "parameter markers", "two columns in one ADD"],
)
def test_the_sql_server_script_keeps_to_one_plain_batch(absent: str):
    assert not re.search(absent, without_comments(SQL_SERVER), re.MULTILINE | re.IGNORECASE)


@pytest.mark.parametrize("hint", ["HOLDLOCK", "UPDLOCK", "TABLOCK"])
def test_nothing_relies_on_a_locking_hint(hint: str):
    assert hint not in SQL_SERVER + INSERT_METADATA.text + INSERT_REJECTION.text


def test_what_a_migration_adds_is_compiled_when_it_runs():
    after_the_baseline = without_comments(SQL_SERVER.partition("(version) VALUES (1);")[2])
    plain = re.sub(r"EXEC \(.*?'\);", "", after_the_baseline, flags=re.DOTALL)
    added = {column.name for table in TABLES for column in table.columns.values() if column.since > 1}
    assert {word for word in re.findall(r"\w+", plain) if word in added} == set()


def test_a_literal_in_a_view_is_escaped_where_the_script_creates_the_view(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(views, "query", lambda _: "SELECT N'png' AS format")
    assert " VIEW CurrentImages AS\nSELECT N''png'' AS format');" in scripts.sql_server()


def test_no_index_key_can_exceed_what_sql_server_allows():
    indexes = re.findall(r"CREATE (?:UNIQUE )?INDEX \w+ ON (\w+) \(([\w, ]+)\)", SQL_SERVER)
    tables = {table.name: table for table in TABLES}
    widths = {
        (table, columns): sum(2 * tables[table].columns[name].input_size[1] for name in columns.split(", "))
        for table, columns in indexes
    }
    assert widths
    assert all(width <= 1_700 for width in widths.values())


@pytest.mark.parametrize("statement", [INSERT_METADATA, INSERT_REJECTION], ids=["metadata", "rejection"])
def test_each_parameter_of_an_insert_has_its_type(statement):
    assert statement.text.count("?") == len(statement.input_sizes)


@pytest.mark.parametrize("table", UPLOAD_TABLES, ids=lambda table: table.name)
def test_the_app_writes_every_column_but_the_one_that_the_database_fills(table: Table):
    assert set(table.columns) - {column.name for column in table.written} == {"stored_at"}


def test_the_app_may_insert_and_select_and_nothing_else():
    granted = {table: rights for rights, table in re.findall(r"GRANT ([A-Z, ]+) ON dbo\.(\w+) TO", LEAST_PRIVILEGE)}
    assert granted == {table.name: "SELECT" if table.name == "SchemaVersions" else "SELECT, INSERT" for table in TABLES}
    assert len(re.findall(r"\bGRANT\b", without_comments(LEAST_PRIVILEGE))) == len(granted)
    assert not re.search(r"\b(ALTER ROLE|sp_addrolemember|CONTROL|OWNER)\b", LEAST_PRIVILEGE)


def test_no_script_contains_a_password():
    assert "PASSWORD" not in without_comments(LEAST_PRIVILEGE).upper()
