"""Answers to requests with an idempotency key: `answers.sqlite` in the data folder, 0600, kept for a day."""

from __future__ import annotations

__all__ = ["SqliteAnswers"]

from collections.abc import Callable
from pathlib import Path

from runbooks.adapters.private_db import database_errors, open_private
from runbooks.adapters.write_lock import write_locked
from runbooks.callers import Kept
from runbooks.canonical import dumps, loads

KEPT_SECONDS = 24 * 3600

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (
  subject TEXT NOT NULL,
  key TEXT NOT NULL,
  request TEXT NOT NULL,
  begun REAL NOT NULL,
  status INTEGER,
  headers BLOB,
  body BLOB,
  PRIMARY KEY (subject, key)
) STRICT;
CREATE INDEX IF NOT EXISTS by_age ON answers (begun);
"""


class SqliteAnswers:
    """An AnswerStore; `now` gives seconds since 1970. Its methods raise DataFolderError."""

    def __init__(self, path: Path, now: Callable[[], float]) -> None:
        self._path = path
        self._now = now
        self._connection = open_private(path, _SCHEMA)

    def begin(self, subject: str, key: str, request: str) -> Kept | None:
        """See the port."""
        now = self._now()
        with database_errors(self._path), write_locked(self._connection):
            self._connection.execute("DELETE FROM answers WHERE begun <= ?", [now - KEPT_SECONDS])
            query = "SELECT request, status, headers, body FROM answers WHERE subject = ? AND key = ?"
            found = self._connection.execute(query, [subject, key]).fetchone()
            if found is None:
                row = [subject, key, request, now]
                self._connection.execute("INSERT INTO answers (subject, key, request, begun) VALUES (?, ?, ?, ?)", row)
                return None
        return Kept(found[0], found[1], loads(found[2]) if found[2] else {}, found[3] or b"")

    def finish(self, subject: str, key: str, answer: Kept) -> None:
        """See the port."""
        query = "UPDATE answers SET status = ?, headers = ?, body = ? WHERE subject = ? AND key = ?"
        with database_errors(self._path):
            row = [answer.status, dumps(dict(answer.headers)), answer.body, subject, key]
            self._connection.execute(query, row)

    def forget(self, subject: str, key: str) -> None:
        """See the port."""
        with database_errors(self._path):
            self._connection.execute("DELETE FROM answers WHERE subject = ? AND key = ?", [subject, key])

    def close(self) -> None:
        """Release the file."""
        self._connection.close()
