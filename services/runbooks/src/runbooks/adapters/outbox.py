"""The outbox in one SQLite file: WAL, synchronous=FULL, a row a message, and the ledger's cursor beside them.

A row is never deleted: its id is how a message is known that was put before.
"""

from __future__ import annotations

__all__ = ["SqliteOutbox"]

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from runbooks.adapters.write_lock import write_locked
from runbooks.artifacts import read_artifact
from runbooks.canonical import dumps, loads
from runbooks.errors import DataFolderError
from runbooks.notices import ChatMessage, MailMessage, Message
from runbooks.ports import Outgoing

_SCHEMA = """
CREATE TABLE IF NOT EXISTS {table} (
  number INTEGER PRIMARY KEY,
  message_id TEXT NOT NULL UNIQUE,
  channel TEXT NOT NULL CHECK (channel IN ('mail', 'slack')),
  payload TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  first_at TEXT,
  next_at TEXT,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'dead')),
  sent_at TEXT,
  last_error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX IF NOT EXISTS {unsent} ON {table} (state, number) WHERE state <> 'sent';
CREATE TABLE IF NOT EXISTS cursor (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO cursor VALUES (1, 0);
"""
_COLUMNS = "message_id, channel, payload, attempts, first_at, next_at, last_error, state"
_DUE = "state = 'pending' AND (next_at IS NULL OR next_at <= ?)"


class SqliteOutbox:
    """An Outbox; one object, one thread; several processes may share the file.

    The messages `of_steps` lie in a table of their own: each is its step's to send, and nobody else's.
    """

    def __init__(self, path: Path, *, of_steps: bool = False) -> None:
        self._path = path
        self._table, unsent = ("step_messages", "unsent_of_steps") if of_steps else ("messages", "unsent")
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=10)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_SCHEMA.format(table=self._table, unsent=unsent))

    def put(self, messages: Sequence[Message], cursor: int) -> None:
        """See the port."""
        with self._errors(), write_locked(self._connection):
            self._connection.executemany(
                f"INSERT INTO {self._table} (message_id, channel, payload) VALUES (?, ?, ?) "  # noqa: S608 (ours)
                "ON CONFLICT DO NOTHING",
                [(message.message_id, message.channel, _to_payload(message)) for message in messages],
            )
            self._connection.execute("UPDATE cursor SET seq = max(seq, ?)", [cursor])

    def find(self, message_id: str) -> Outgoing | None:
        """See the port."""
        found = self._select("message_id = ?", [message_id])
        return found[0] if found else None

    def cursor(self) -> int:
        """See the port."""
        with self._errors():
            found: int = self._connection.execute("SELECT seq FROM cursor").fetchone()[0]
        return found

    def due(self, now: str) -> list[Outgoing]:
        """See the port."""
        return self._select(_DUE, [now])

    def claim(self, message_id: str, now: str, until: str) -> bool:
        """See the port."""
        changed = self._change(
            f"attempts = attempts + 1, first_at = coalesce(first_at, ?), next_at = ? WHERE message_id = ? AND {_DUE}",
            [now, until, message_id, now],
        )
        return changed == 1

    def sent(self, message_id: str, at: str) -> None:
        """See the port."""
        self._change("state = 'sent', sent_at = ?, last_error = '' WHERE message_id = ?", [at, message_id])

    def failed(self, message_id: str, error: str, next_at: str | None) -> None:
        """See the port."""
        state = "dead" if next_at is None else "pending"
        # Another process may have got it through after the claim ran out.
        where = "WHERE message_id = ? AND state <> 'sent'"
        self._change(f"state = ?, next_at = ?, last_error = ? {where}", [state, next_at, error, message_id])

    def pending(self) -> list[Outgoing]:
        """See the port."""
        return self._select("state = 'pending'", [])

    def dead(self) -> list[Outgoing]:
        """See the port."""
        return self._select("state = 'dead'", [])

    def retry_dead(self) -> int:
        """See the port."""
        return self._change("state = 'pending', attempts = 0, first_at = NULL, next_at = NULL WHERE state = 'dead'", [])

    def close(self) -> None:
        """See the port."""
        self._connection.close()

    def _select(self, where: str, values: list[str]) -> list[Outgoing]:
        with self._errors():
            query = f"SELECT {_COLUMNS} FROM {self._table} WHERE {where} ORDER BY number"  # noqa: S608 (ours)
            return [_to_outgoing(row) for row in self._connection.execute(query, values)]

    def _change(self, assignments: str, values: list[str | None]) -> int:
        with self._errors():
            statement = f"UPDATE {self._table} SET {assignments}"  # noqa: S608 (ours)
            return self._connection.execute(statement, values).rowcount

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise DataFolderError(
                f"outbox {self._path}: {error}; check that the folder is writable and the disk has space",
                code="outbox.unusable",
            ) from error


def _to_payload(message: Message) -> str:
    members = asdict(message)
    del members["message_id"]
    if isinstance(message, MailMessage):
        members["recipients"] = list(message.recipients)
        members["attachments"] = [item.members() for item in message.attachments]
    return dumps(members).decode()


def _to_outgoing(row: tuple[str, str, str, int, str | None, str | None, str, str]) -> Outgoing:
    message_id, channel, payload, attempts, first_at, next_at, last_error, state = row
    members = loads(payload.encode())
    message: Message
    if channel == MailMessage.channel:
        members["recipients"] = tuple(members["recipients"])
        # What was put before there were attachments says nothing of them.
        members["attachments"] = tuple(read_artifact(item, message_id) for item in members.get("attachments", ()))
        message = MailMessage(message_id, **members)
    else:
        message = ChatMessage(message_id, **members)
    return Outgoing(message, attempts, first_at, next_at, last_error, state)
