"""Sign-in codes and sessions of browsers: `sessions.sqlite` in the data folder, 0600, with hashes only.

`runbooks sign-in` writes codes while the service reads them: the database sees to it that a code serves once.
"""

from __future__ import annotations

__all__ = ["SqliteSessions"]

import secrets
from collections.abc import Callable
from pathlib import Path

from runbooks.adapters.private_db import database_errors, open_private
from runbooks.adapters.tokens import hash_secret
from runbooks.adapters.write_lock import write_locked
from runbooks.callers import Caller

CODE_SECONDS = 10 * 60
IDLE_SECONDS = 8 * 3600
LONGEST_SECONDS = 24 * 3600
# A look at a session is noted once in this time, or every request would write.
_NOTED_SECONDS = 60

_SCHEMA = """
CREATE TABLE IF NOT EXISTS codes (hash TEXT PRIMARY KEY, subject TEXT NOT NULL, expires REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
  hash TEXT PRIMARY KEY, subject TEXT NOT NULL, seen REAL NOT NULL, expires REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), origin TEXT NOT NULL) STRICT;
"""


class SqliteSessions:
    """A SessionStore; `now` gives seconds since 1970. Its methods raise DataFolderError."""

    def __init__(self, path: Path, now: Callable[[], float]) -> None:
        self._path = path
        self._now = now
        self._connection = open_private(path, _SCHEMA)

    def offer(self, subject: str) -> str:
        """A new code that lets whoever has it sign in as `subject`, once and within ten minutes."""
        code, now = secrets.token_urlsafe(32), self._now()
        with database_errors(self._path), write_locked(self._connection):
            self._connection.execute("DELETE FROM codes WHERE expires <= ?", [now])
            self._connection.execute(
                "INSERT INTO codes VALUES (?, ?, ?)", [hash_secret(code), subject, now + CODE_SECONDS]
            )
        return code

    def redeem(self, code: str) -> tuple[str, Caller] | None:
        """See the port."""
        secret, now = secrets.token_urlsafe(32), self._now()
        with database_errors(self._path), write_locked(self._connection):
            query = "DELETE FROM codes WHERE hash = ? RETURNING subject, expires"
            found = self._connection.execute(query, [hash_secret(code)]).fetchone()
            if found is None or found[1] <= now:
                return None
            caller = Caller(found[0], "session", now + LONGEST_SECONDS)
            self._connection.execute("DELETE FROM sessions WHERE expires <= ? OR seen <= ?", [now, now - IDLE_SECONDS])
            row = [hash_secret(secret), caller.subject, now, caller.expires_at]
            self._connection.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", row)
        return secret, caller

    def find(self, secret: str) -> Caller | None:
        """See the port; being found keeps it from ending idle."""
        name, now = hash_secret(secret), self._now()
        query = "SELECT subject, seen, expires FROM sessions WHERE hash = ?"
        with database_errors(self._path):
            found = self._connection.execute(query, [name]).fetchone()
            if found is None or found[1] <= now - IDLE_SECONDS or found[2] <= now:
                return None
            if found[1] <= now - _NOTED_SECONDS:
                self._connection.execute("UPDATE sessions SET seen = ? WHERE hash = ?", [now, name])
        return Caller(found[0], "session", found[2])

    def end(self, secret: str) -> None:
        """See the port."""
        with database_errors(self._path):
            self._connection.execute("DELETE FROM sessions WHERE hash = ?", [hash_secret(secret)])

    def end_all(self, subject: str) -> int:
        """End all sessions of that person, and take their codes back; how many sessions there were."""
        with database_errors(self._path), write_locked(self._connection):
            self._connection.execute("DELETE FROM codes WHERE subject = ?", [subject])
            return self._connection.execute("DELETE FROM sessions WHERE subject = ?", [subject]).rowcount

    def serve_at(self, origin: str) -> None:
        """Note where browsers reach the service, for `runbooks sign-in`."""
        with database_errors(self._path):
            self._connection.execute("INSERT OR REPLACE INTO place VALUES (1, ?)", [origin])

    def origin(self) -> str | None:
        """Where browsers reach the service, as it said when it last started."""
        with database_errors(self._path):
            found = self._connection.execute("SELECT origin FROM place").fetchone()
        return found[0] if found else None

    def close(self) -> None:
        """Release the file."""
        self._connection.close()
