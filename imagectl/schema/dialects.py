"""The statements of data definition, as SQL Server (and engines that speak T-SQL) and SQLite word them.

T-SQL stays with what every such engine takes: one column per ``ALTER TABLE … ADD``, no ``MERGE``, no
``CREATE OR ALTER``, no locking hints.
"""

from typing import TYPE_CHECKING, Protocol

from image_metadata.database.columns import Column, Table
from image_metadata.database.connections import driver

if TYPE_CHECKING:
    import pyodbc


def is_sqlite(connection: "pyodbc.Connection") -> bool:
    """Whether the database is SQLite; else it speaks T-SQL."""
    return bool(connection.getinfo(driver().SQL_DBMS_NAME) == "SQLite")


class Dialect(Protocol):
    """What differs between the two."""

    now: str
    """Expression for the present time in UTC, as a DATETIME2(3) is stored."""

    def type_name(self, declared: str) -> str: ...

    def insert_trigger(self, table: Table, keys: Table) -> str: ...

    def delete_trigger(self, table: Table, keys: Table) -> str: ...

    def drop_index(self, name: str, table: Table) -> str: ...


class SqlServer:
    now = "SYSUTCDATETIME()"

    def type_name(self, declared: str) -> str:
        return declared

    def insert_trigger(self, table: Table, keys: Table) -> str:
        insert = f"INSERT INTO {keys.name} (upload_id) SELECT upload_id FROM inserted"  # noqa: S608  # names of this project
        return _t_sql_trigger(table, "insert", insert)

    def delete_trigger(self, table: Table, keys: Table) -> str:
        delete = f"DELETE FROM {keys.name} WHERE upload_id IN (SELECT upload_id FROM deleted)"  # noqa: S608  # names of this project
        return _t_sql_trigger(table, "delete", delete)

    def drop_index(self, name: str, table: Table) -> str:
        return f"DROP INDEX {name} ON {table.name}"


class Sqlite:
    now = "(strftime('%Y-%m-%dT%H:%M:%f', 'now'))"

    def type_name(self, declared: str) -> str:
        return declared.replace("(MAX)", "")

    def insert_trigger(self, table: Table, keys: Table) -> str:
        insert = f"INSERT INTO {keys.name} (upload_id) VALUES (NEW.upload_id)"  # noqa: S608  # names of this project
        return _sqlite_trigger(table, "insert", insert)

    def delete_trigger(self, table: Table, keys: Table) -> str:
        delete = f"DELETE FROM {keys.name} WHERE upload_id = OLD.upload_id"  # noqa: S608  # names of this project
        return _sqlite_trigger(table, "delete", delete)

    def drop_index(self, name: str, table: Table) -> str:  # noqa: ARG002  # an index of SQLite belongs to the database
        return f"DROP INDEX {name}"


def _t_sql_trigger(table: Table, event: str, statement: str) -> str:
    return (
        f"CREATE TRIGGER TR_{table.name}_{event} ON {table.name} AFTER {event.upper()} AS\n"
        f"BEGIN\n    SET NOCOUNT ON;\n    {statement};\nEND"
    )


def _sqlite_trigger(table: Table, event: str, statement: str) -> str:
    return f"CREATE TRIGGER TR_{table.name}_{event} AFTER {event.upper()} ON {table.name}\nBEGIN\n    {statement};\nEND"


def create_table(dialect: Dialect, table: Table) -> str:
    lines = [f"    {definition(dialect, column)}" for column in table.columns.values()]
    if table.key:
        lines.append(f"    CONSTRAINT PK_{table.name} PRIMARY KEY ({table.key})")
    return f"CREATE TABLE {table.name} (\n" + ",\n".join(lines) + "\n)"


def definition(dialect: Dialect, column: Column) -> str:
    null = "NULL" if column.nullable else "NOT NULL"
    default = f" DEFAULT {dialect.now}" if column.default_now else ""
    return f"{column.name} {dialect.type_name(column.type)} {null}{default}"


def add_column(dialect: Dialect, table: Table, column: Column) -> str:
    return f"ALTER TABLE {table.name} ADD {definition(dialect, column)}"


def create_index(table: Table, name: str, *columns: str) -> str:
    return f"CREATE INDEX IX_{table.name}_{name} ON {table.name} ({', '.join(columns)})"
