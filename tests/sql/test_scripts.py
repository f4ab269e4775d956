"""The two scripts and what the app writes are held together; the T-SQL keeps to what every engine takes."""

import re
import sqlite3
from pathlib import Path

import pytest

from image_metadata.database.tables import IMAGE_METADATA, IMAGE_REJECTIONS, INSERT_METADATA, INSERT_REJECTION, Table

SQL = Path(__file__).parents[2] / "sql"
SQL_SERVER = (SQL / "sqlserver.sql").read_text("utf-8")
SQLITE = (SQL / "sqlite.sql").read_text("utf-8")
LEAST_PRIVILEGE = (SQL / "least-privilege.sql").read_text("utf-8")

TYPE = r"\w+(?:\(\d+\))?"
TABLES = [IMAGE_METADATA, IMAGE_REJECTIONS]
Columns = dict[str, tuple[str, bool]]
"""(type, may be NULL) by name, in the table's order."""


def without_comments(script: str) -> str:
    return re.sub(r"--.*", "", script)


def sql_server_columns(table: str) -> Columns:
    """What the statements of the script add up to."""
    script = without_comments(SQL_SERVER)
    created = re.search(rf"CREATE TABLE {table} \((.*?)\n    \);", script, re.DOTALL)
    assert created
    steps = re.findall(rf"^\s+(\w+) ({TYPE}) (NULL|NOT NULL)", created[1], re.MULTILINE)
    steps += re.findall(rf"ALTER TABLE {table} (?:ADD|ALTER COLUMN) (\w+) ({TYPE}) (NULL|NOT NULL)", script)
    return {name: (declared, null == "NULL") for name, declared, null in steps}


def in_sqlite() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SQLITE)
    return connection


def sqlite_columns(table: str) -> Columns:
    rows = in_sqlite().execute(f"PRAGMA table_info({table})")
    return {name: (declared, not not_null) for _, name, declared, not_null, *_ in rows}


def view_of(script: str) -> str:
    """The view's query, apart from white space."""
    found = re.search(r"CREATE VIEW (?:IF NOT EXISTS )?CurrentImages AS(.*?rank_in_blob = 1)", script, re.DOTALL)
    assert found
    return " ".join(found[1].split())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_both_scripts_declare_the_same_columns_in_the_same_order(table: Table):
    assert list(sql_server_columns(table.name).items()) == list(sqlite_columns(table.name).items())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_app_writes_every_column_but_stored_at_in_its_type(table: Table):
    declared = {name: kind for name, (kind, _) in sqlite_columns(table.name).items() if name != "stored_at"}
    assert declared == dict(table.columns)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_key_is_never_null_and_unique_in_both(table: Table):
    index = rf"CREATE UNIQUE INDEX (?:IF NOT EXISTS )?UX_{table.name}_upload_id ON {table.name} \(upload_id\)"
    assert sql_server_columns(table.name)["upload_id"] == ("NVARCHAR(64)", False)
    assert re.search(index, SQL_SERVER)
    assert re.search(index, SQLITE)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_database_says_when_a_row_was_stored(table: Table):
    assert re.search(
        rf"ALTER TABLE {table.name} ADD CONSTRAINT \w+ DEFAULT SYSUTCDATETIME\(\) FOR stored_at", SQL_SERVER
    )
    assert re.search(rf"CREATE TABLE IF NOT EXISTS {table.name} \([^;]*stored_at [^,]* DEFAULT \(strftime", SQLITE)


def test_both_scripts_have_the_same_view():
    assert view_of(SQL_SERVER) == view_of(SQLITE)


def test_the_view_shows_the_columns_of_the_table_in_their_order():
    shown = [column[0] for column in in_sqlite().execute("SELECT * FROM CurrentImages").description]
    assert shown == list(sqlite_columns("ImageMetadata"))
    assert f") <> {len(shown)}\n" in SQL_SERVER


@pytest.mark.parametrize(
    "absent",
    [r"^\s*GO\s*$", r"\bMERGE\b", r"CREATE\s+OR\s+ALTER", r"\?", r"\bADD [^;(]*(?:\([^)]*\)[^;(]*)*, *\w+ [A-Z]"],
    ids=["GO", "MERGE", "CREATE OR ALTER", "parameter markers", "two columns in one ADD"],
)
def test_the_script_keeps_to_one_plain_batch(absent: str):
    assert not re.search(absent, without_comments(SQL_SERVER), re.MULTILINE | re.IGNORECASE)


def test_what_uses_an_added_column_is_compiled_after_it_was_added():
    added = set(sql_server_columns("ImageMetadata")) - {"file_name", "file_size_kb", "width", "height", "format"}
    plain = re.sub(r"EXEC \(.*?'\)", "", without_comments(SQL_SERVER), flags=re.DOTALL)
    plain = re.sub(r"COL_LENGTH\(.*?\)|N?'[^']*'", "", plain)
    plain = re.sub(rf"ALTER TABLE \w+ ADD \w+ {TYPE} (NOT )?NULL|CREATE TABLE .*?\n    \);", "", plain, flags=re.DOTALL)
    assert {word for word in re.findall(r"\w+", plain) if word in added} == set()


def test_no_index_key_can_exceed_what_sql_server_allows():
    indexed = re.findall(r"CREATE (?:UNIQUE )?INDEX \w+ ON (\w+) \((\w+)\)", SQL_SERVER)
    units = [int(re.sub(r"\D", "", sql_server_columns(table)[column][0])) for table, column in indexed]
    assert len(units) == 3
    assert all(2 * count <= 1_700 for count in units)


@pytest.mark.parametrize("statement", [INSERT_METADATA, INSERT_REJECTION], ids=["metadata", "rejection"])
def test_each_parameter_of_an_insert_has_its_type(statement):
    assert statement.text.count("?") == len(statement.input_sizes)


def test_the_app_may_insert_and_select_in_two_tables_and_nothing_else():
    granted = re.findall(r"GRANT ([A-Z, ]+) ON dbo\.(\w+) TO", LEAST_PRIVILEGE)
    assert granted == [("SELECT, INSERT", table.name) for table in TABLES]
    assert len(re.findall(r"\bGRANT\b", without_comments(LEAST_PRIVILEGE))) == len(granted)
    assert not re.search(r"\b(ALTER ROLE|sp_addrolemember|CONTROL|OWNER)\b", LEAST_PRIVILEGE)


def test_no_password_stands_in_a_script():
    assert "PASSWORD" not in without_comments(LEAST_PRIVILEGE).upper()
