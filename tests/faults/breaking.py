"""Faults of the database, each with its repair."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from tests.faults.world import World

PLACES = (
    "after the event",
    "after the start",
    "during the extraction",
    "before the insert",
    "after the database's answer",
)
"""Where `tests/faults/app` can kill the host."""


def rename_table(world: World) -> None:
    _run(world, "ALTER TABLE ImageMetadata RENAME TO Elsewhere")


def rename_table_back(world: World) -> None:
    _run(world, "ALTER TABLE Elsewhere RENAME TO ImageMetadata")


def hide(world: World) -> None:
    """Move the file away, and keep anything from re-creating it."""
    world.database.rename(world.database.with_suffix(".away"))
    world.database.mkdir()


def bring_back(world: World) -> None:
    world.database.rmdir()
    world.database.with_suffix(".away").rename(world.database)


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Another program holds the lock that every writer needs."""
    with closing(sqlite3.connect(world.database, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


def _run(world: World, *statements: str) -> None:
    with closing(sqlite3.connect(world.database, timeout=30)) as connection:
        for statement in statements:
            connection.execute(statement)
