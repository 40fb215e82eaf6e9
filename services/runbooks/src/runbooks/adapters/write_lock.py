"""One write-locked SQLite transaction: everything in it is on the disk afterwards, or nothing."""

from __future__ import annotations

__all__ = ["write_locked"]

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def write_locked(connection: sqlite3.Connection) -> Iterator[None]:
    """Take the write lock before anything is read; raises sqlite3.Error. `connection` has no isolation level."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
