"""The ledger in a table of a PostgreSQL database: append-only by triggers, one writer at a time by an advisory lock.

Readers are never locked out. A commit returns when the server has it on its disk (`synchronous_commit`); when the
connection is lost before that, nobody knows, so whoever appends looks before appending again. The next call
connects anew.
"""

from __future__ import annotations

__all__ = ["PostgresLedger"]

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import errors

from runbooks.adapters.ledger.indexes import narrowed
from runbooks.canonical import loads
from runbooks.errors import LedgerConflictError, LedgerError, SettingsError
from runbooks.ledger import GENESIS, Draft, Entry, Head, chain

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
  seq BIGINT PRIMARY KEY,
  execution_id TEXT NOT NULL,
  runbook_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  step_id TEXT,
  body TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  entry_hash TEXT NOT NULL,
  review_id TEXT,
  statement BIGINT,
  counter TEXT,
  period TEXT,
  amount BIGINT
);
ALTER TABLE entries ADD COLUMN IF NOT EXISTS schedule_id TEXT, ADD COLUMN IF NOT EXISTS nominal_at TEXT;
CREATE INDEX IF NOT EXISTS entries_by_execution ON entries (execution_id, seq);
CREATE INDEX IF NOT EXISTS entries_by_kind ON entries (kind, runbook_id, seq)
  WHERE kind IN ('ExecutionStarted', 'ExecutionSealed');
CREATE UNIQUE INDEX IF NOT EXISTS one_start ON entries (execution_id) WHERE kind = 'ExecutionStarted';
CREATE UNIQUE INDEX IF NOT EXISTS one_end ON entries (execution_id) WHERE kind = 'ExecutionSealed';
CREATE UNIQUE INDEX IF NOT EXISTS one_a_step ON entries (execution_id, step_id, kind)
  WHERE kind IN ('AttemptSucceeded', 'StepSealed');
CREATE INDEX IF NOT EXISTS reviews_by_kind ON entries (kind, seq) WHERE kind IN ('ReviewOpened', 'ReviewDecided');
CREATE UNIQUE INDEX IF NOT EXISTS one_statement ON entries (execution_id, review_id, statement)
  WHERE kind IN ('ReviewOpened', 'ReviewDecided');
CREATE INDEX IF NOT EXISTS reservations ON entries (counter, period) WHERE kind = 'BudgetReserved';
CREATE UNIQUE INDEX IF NOT EXISTS one_nominal_time ON entries (schedule_id, nominal_at)
  WHERE kind = 'ExecutionStarted';
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'restrict_violation'; END $$;
CREATE OR REPLACE TRIGGER no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
# The trigger and the index that came last.
_IS_THERE = (
    "SELECT count(*) FROM pg_trigger WHERE tgname = 'no_change' AND tgrelid = to_regclass('entries') "
    "AND to_regclass('one_nominal_time') IS NOT NULL"
)
_COLUMNS = "seq, execution_id, runbook_id, kind, step_id, body, previous_hash, entry_hash"
# What the indexes look at is copied out of the body: the server's JSON functions refuse texts with an escaped NUL.
_INDEXED = "review_id, statement, counter, period, amount, schedule_id, nominal_at"
_INSERT = f"INSERT INTO entries ({_COLUMNS}, {_INDEXED}) VALUES ({', '.join(['%s'] * 15)})"  # noqa: S608 (constants)
# Not a lock of the table: that takes the right to update, which the account that appends should not have.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('runbooks ledger'))"
_IDLE_SECONDS = 10


class PostgresLedger:
    """A LedgerStore; one object, one thread, any number of processes and hosts.

    `address` is a `postgresql://` URI. Raises SettingsError for one that is none, LedgerError when the server cannot be
    reached or its database cannot be used.
    """

    def __init__(self, address: str, *, password: str | None = None, timeout: int = 10) -> None:
        try:
            told = psycopg.conninfo.conninfo_to_dict(address)
        except psycopg.ProgrammingError:
            # The error would quote the address, and with it perhaps a password.
            raise SettingsError("ledger: expected an address such as postgresql://user@host/database") from None
        self._options: dict[str, Any] = {**told, "connect_timeout": timeout}
        if password is not None:
            self._options["password"] = password
        self._where = f"{told.get('host', 'localhost')}/{told.get('dbname', '')}"
        self._connection: psycopg.Connection | None = None
        self._closed = False
        self._used_at = time.monotonic()
        with self._connected() as connection:
            self._create(connection)

    def append(self, build: Callable[[Head], Sequence[Draft]]) -> list[Entry]:
        """See the port."""
        with self._connected() as connection, connection.transaction():
            connection.execute(_LOCK)
            head = _PostgresHead(connection)
            entries = chain(head.seq, head.entry_hash, build(head))
            with connection.cursor() as cursor:
                cursor.executemany(_INSERT, [_to_row(entry) for entry in entries])
        return entries

    def entries(self, execution_id: str | None = None, kind: str | None = None) -> list[Entry]:
        """See the port."""
        filters = {"execution_id": execution_id, "kind": kind}
        wanted = {column: value for column, value in filters.items() if value is not None}
        where = " AND ".join(f"{column} = %s" for column in wanted) or "TRUE"
        with self._connected() as connection:
            return _select(connection, where + narrowed(kind), list(wanted.values()))

    def fired(self, schedule_id: str) -> str | None:
        """See the port."""
        with self._connected() as connection:
            return _fired(connection, schedule_id)

    def touched(self, after: int) -> tuple[list[str], int]:
        """See the port."""
        query = "SELECT execution_id, max(seq) FROM entries WHERE seq > %s GROUP BY execution_id ORDER BY min(seq)"
        with self._connected() as connection:
            rows = connection.execute(query, [after]).fetchall()
        return [name for name, _ in rows if name], max((last for _, last in rows), default=after)

    def close(self) -> None:
        """See the port."""
        self._closed = True
        if self._connection is not None:
            self._connection.close()

    def _create(self, connection: psycopg.Connection) -> None:
        # The account that appends need not own the table, so what is there already is not made again.
        with connection.transaction():
            connection.execute(_LOCK)
            if not _value(connection, _IS_THERE, []):
                connection.execute(_SCHEMA)

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        try:
            yield self._open()
        except (errors.UniqueViolation, errors.RestrictViolation) as error:
            message = f"ledger {self._where}: {_first_line(error)}; the execution was already recorded"
            raise LedgerConflictError(message) from error
        except psycopg.Error as error:
            hint = "check that the server runs and the account may read and append"
            raise LedgerError(f"ledger {self._where}: {_first_line(error)}; {hint}") from error

    def _open(self) -> psycopg.Connection:
        if self._closed:
            raise LedgerError(f"ledger {self._where}: it was closed")
        if self._connection is not None and time.monotonic() - self._used_at > _IDLE_SECONDS:
            with suppress(psycopg.Error):  # a connection that broke meanwhile is known as closed afterwards
                self._connection.execute("SELECT 1")
        self._used_at = time.monotonic()
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(autocommit=True, client_encoding="utf8", **self._options)
            self._connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
            # Whatever the server's default: an acknowledged entry is on the disk.
            self._connection.execute("SET synchronous_commit = on")
        return self._connection


class _PostgresHead:
    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        query = "SELECT seq, entry_hash FROM entries ORDER BY seq DESC LIMIT 1"
        found: tuple[int, str] = connection.execute(query).fetchone() or (0, GENESIS)
        self.seq, self.entry_hash = found

    def count(self, runbook_id: str, kind: str) -> int:
        query = f"SELECT count(*) FROM entries WHERE runbook_id = %s AND kind = %s{narrowed(kind)}"  # noqa: S608 (constants)
        return int(_value(self._connection, query, [runbook_id, kind]))

    def reserved(self, counter: str, period: str) -> int:
        query = (
            "SELECT coalesce(sum(amount), 0) FROM entries "
            "WHERE kind = 'BudgetReserved' AND counter = %s AND period = %s"
        )
        return int(_value(self._connection, query, [counter, period]))

    def last(self, runbook_id: str, kind: str) -> Entry | None:
        where = f"runbook_id = %s AND kind = %s{narrowed(kind)}"
        query: Any = f"SELECT {_COLUMNS} FROM entries WHERE {where} ORDER BY seq DESC LIMIT 1"  # noqa: S608 (constants)
        row = self._connection.execute(query, [runbook_id, kind]).fetchone()
        return _to_entry(row) if row else None

    def entries(self, execution_id: str) -> list[Entry]:
        return _select(self._connection, "execution_id = %s", [execution_id])

    def fired(self, schedule_id: str) -> str | None:
        return _fired(self._connection, schedule_id)


def _select(connection: psycopg.Connection, where: str, values: list[str]) -> list[Entry]:
    query: Any = f"SELECT {_COLUMNS} FROM entries WHERE {where} ORDER BY seq"  # noqa: S608 (constants)
    return [_to_entry(row) for row in connection.execute(query, values)]


def _fired(connection: psycopg.Connection, schedule_id: str) -> str | None:
    # By bytes, as the times are written: a server's collation may order them otherwise.
    query = "SELECT max(nominal_at COLLATE \"C\") FROM entries WHERE kind = 'ExecutionStarted' AND schedule_id = %s"
    row = connection.execute(query, [schedule_id]).fetchone()
    return row[0] if row else None


def _value(connection: psycopg.Connection, query: Any, values: list[str]) -> Any:
    row = connection.execute(query, values).fetchone()
    return row[0] if row else 0


def _to_row(entry: Entry) -> tuple[object, ...]:
    draft = entry.draft
    named = (draft.execution_id, draft.runbook_id, draft.kind, draft.step_id, draft.body.decode())
    return (entry.seq, *named, entry.previous_hash, entry.entry_hash, *_indexed(draft))


def _indexed(draft: Draft) -> tuple[object, ...]:
    if draft.kind not in ("ReviewOpened", "ReviewDecided", "BudgetReserved", "ExecutionStarted"):
        return (None,) * 7
    members = loads(draft.body)["members"]
    said = members.get("statement", {})
    reserved = (members.get(name) for name in ("counter", "period", "amount"))
    schedule = members.get("schedule", {})
    return (said.get("reviewId"), said.get("sequence"), *reserved, schedule.get("scheduleId"), schedule.get("at"))


def _to_entry(row: tuple[Any, ...]) -> Entry:
    execution_id, runbook_id, kind, step_id, body = row[1:6]
    return Entry(row[0], Draft(execution_id, runbook_id, kind, step_id, body.encode()), row[6], row[7])


def _first_line(error: psycopg.Error) -> str:
    # What follows the first line quotes the row that was refused, which may be anybody's data.
    return (str(error).splitlines() or [type(error).__name__])[0]
