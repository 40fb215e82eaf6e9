"""SQLite files that only the service's own account may read."""

from __future__ import annotations

__all__ = ["database_errors", "open_private"]

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from runbooks.errors import DataFolderError


def open_private(path: Path, schema: str) -> sqlite3.Connection:
    """A connection without isolation level to a file of mode 0600, made if it is not there; raises DataFolderError."""
    with database_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Before SQLite makes it with what the umask leaves; its journals take the mode of the file. Never one that is
        # there: closing a file gives up every lock that this process has on it, those of other connections too.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        path.chmod(0o600)
        connection = sqlite3.connect(path, isolation_level=None, timeout=10)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(schema)
    return connection


@contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """What the database or the disk says, as DataFolderError that names the file."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        hint = "make the folder writable, or stop the service and delete the file: nothing in it is part of the record"
        raise DataFolderError(f"{path}: {error}; {hint}", code="data_folder.sessions") from error
