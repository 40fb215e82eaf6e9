"""The ledger in one SQLite file: WAL, synchronous=FULL, append-only by triggers.

A commit returns when the entry is on the disk. `BEGIN IMMEDIATE` takes the write lock before the
head is read, so nobody can append between the read and the insert.
"""

from __future__ import annotations

__all__ = ["SqliteLedger"]

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from runbooks.adapters.ledger.indexes import narrowed
from runbooks.adapters.write_lock import write_locked
from runbooks.errors import LedgerConflictError, LedgerError
from runbooks.ledger import GENESIS, Draft, Entry, Head, chain

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
  seq INTEGER PRIMARY KEY,
  execution_id TEXT NOT NULL,
  runbook_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  step_id TEXT,
  body BLOB NOT NULL,
  previous_hash TEXT NOT NULL,
  entry_hash TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entries_by_execution ON entries (execution_id, seq);
CREATE INDEX IF NOT EXISTS entries_by_kind ON entries (kind, runbook_id, seq)
  WHERE kind IN ('ExecutionStarted', 'ExecutionSealed');
CREATE UNIQUE INDEX IF NOT EXISTS one_start ON entries (execution_id) WHERE kind = 'ExecutionStarted';
CREATE UNIQUE INDEX IF NOT EXISTS one_end ON entries (execution_id) WHERE kind = 'ExecutionSealed';
CREATE UNIQUE INDEX IF NOT EXISTS one_a_step ON entries (execution_id, step_id, kind)
  WHERE kind IN ('AttemptSucceeded', 'StepSealed');
CREATE INDEX IF NOT EXISTS reviews_by_kind ON entries (kind, seq) WHERE kind IN ('ReviewOpened', 'ReviewDecided');
CREATE UNIQUE INDEX IF NOT EXISTS one_statement ON entries (
  execution_id,
  json_extract(CAST(body AS TEXT), '$.members.statement.reviewId'),
  json_extract(CAST(body AS TEXT), '$.members.statement.sequence')
) WHERE kind IN ('ReviewOpened', 'ReviewDecided');
CREATE INDEX IF NOT EXISTS reservations ON entries (
  json_extract(CAST(body AS TEXT), '$.members.counter'), json_extract(CAST(body AS TEXT), '$.members.period')
) WHERE kind = 'BudgetReserved';
CREATE UNIQUE INDEX IF NOT EXISTS one_nominal_time ON entries (
  json_extract(CAST(body AS TEXT), '$.members.schedule.scheduleId'),
  json_extract(CAST(body AS TEXT), '$.members.schedule.at')
) WHERE kind = 'ExecutionStarted';
CREATE TRIGGER IF NOT EXISTS no_update BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS no_delete BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""
_FIRED = """
SELECT max(json_extract(CAST(body AS TEXT), '$.members.schedule.at')) FROM entries
WHERE kind = 'ExecutionStarted' AND json_extract(CAST(body AS TEXT), '$.members.schedule.scheduleId') = ?
"""
_COLUMNS = "seq, execution_id, runbook_id, kind, step_id, body, previous_hash, entry_hash"


class SqliteLedger:
    """A LedgerStore; one object, one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._errors():
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=10)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_SCHEMA)

    def append(self, build: Callable[[Head], Sequence[Draft]]) -> list[Entry]:
        """See the port."""
        with self._errors(), write_locked(self._connection):
            head = _SqliteHead(self._connection)
            entries = chain(head.seq, head.entry_hash, build(head))
            self._connection.executemany(
                f"INSERT INTO entries ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 (a constant)
                [_to_row(entry) for entry in entries],
            )
        return entries

    def entries(self, execution_id: str | None = None, kind: str | None = None) -> list[Entry]:
        """See the port."""
        filters = {"execution_id": execution_id, "kind": kind}
        wanted = {column: value for column, value in filters.items() if value is not None}
        where = " AND ".join(f"{column} = ?" for column in wanted) or "TRUE"
        with self._errors():
            return _select(self._connection, where + narrowed(kind), list(wanted.values()))

    def fired(self, schedule_id: str) -> str | None:
        """See the port."""
        with self._errors():
            return _fired(self._connection, schedule_id)

    def touched(self, after: int) -> tuple[list[str], int]:
        """See the port."""
        query = "SELECT execution_id, max(seq) FROM entries WHERE seq > ? GROUP BY execution_id ORDER BY min(seq)"
        with self._errors():
            rows = self._connection.execute(query, [after]).fetchall()
        return [name for name, _ in rows if name], max((last for _, last in rows), default=after)

    def newest(self, before: int | None, limit: int) -> list[Entry]:
        """At most `limit` entries with numbers below `before`, the newest first."""
        query = f"SELECT {_COLUMNS} FROM entries WHERE seq < ? ORDER BY seq DESC LIMIT ?"  # noqa: S608 (a constant)
        with self._errors():
            rows = self._connection.execute(query, [2**62 if before is None else before, limit]).fetchall()
        return [_to_entry(row) for row in rows]

    def close(self) -> None:
        """See the port."""
        self._connection.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise LedgerConflictError(
                f"ledger {self._path.name}: {error}; the execution was already recorded"
            ) from error
        except sqlite3.Error as error:
            raise LedgerError(
                f"ledger {self._path}: {error}; check that the folder is writable and the disk has space"
            ) from error


class _SqliteHead:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        query = "SELECT seq, entry_hash FROM entries ORDER BY seq DESC LIMIT 1"
        found: tuple[int, str] = connection.execute(query).fetchone() or (0, GENESIS)
        self.seq, self.entry_hash = found

    def count(self, runbook_id: str, kind: str) -> int:
        query = f"SELECT count(*) FROM entries WHERE runbook_id = ? AND kind = ?{narrowed(kind)}"  # noqa: S608 (constants)
        found: int = self._connection.execute(query, [runbook_id, kind]).fetchone()[0]
        return found

    def reserved(self, counter: str, period: str) -> int:
        query = (
            "SELECT coalesce(sum(json_extract(CAST(body AS TEXT), '$.members.amount')), 0) FROM entries "
            "WHERE kind = 'BudgetReserved' AND json_extract(CAST(body AS TEXT), '$.members.counter') = ? "
            "AND json_extract(CAST(body AS TEXT), '$.members.period') = ?"
        )
        found: int = self._connection.execute(query, [counter, period]).fetchone()[0]
        return found

    def last(self, runbook_id: str, kind: str) -> Entry | None:
        where = f"runbook_id = ? AND kind = ?{narrowed(kind)}"
        query = f"SELECT {_COLUMNS} FROM entries WHERE {where} ORDER BY seq DESC LIMIT 1"  # noqa: S608 (constants)
        row = self._connection.execute(query, [runbook_id, kind]).fetchone()
        return row and _to_entry(row)

    def entries(self, execution_id: str) -> list[Entry]:
        return _select(self._connection, "execution_id = ?", [execution_id])

    def fired(self, schedule_id: str) -> str | None:
        return _fired(self._connection, schedule_id)


def _select(connection: sqlite3.Connection, where: str, values: list[str]) -> list[Entry]:
    query = f"SELECT {_COLUMNS} FROM entries WHERE {where} ORDER BY seq"  # noqa: S608 (constants)
    return [_to_entry(row) for row in connection.execute(query, values)]


def _fired(connection: sqlite3.Connection, schedule_id: str) -> str | None:
    found: str | None = connection.execute(_FIRED, [schedule_id]).fetchone()[0]
    return found


def _to_row(entry: Entry) -> tuple[object, ...]:
    draft = entry.draft
    named = (draft.execution_id, draft.runbook_id, draft.kind, draft.step_id, draft.body)
    return (entry.seq, *named, entry.previous_hash, entry.entry_hash)


def _to_entry(row: tuple[int, str, str, str, str | None, bytes, str, str]) -> Entry:
    return Entry(row[0], Draft(*row[1:6]), row[6], row[7])
