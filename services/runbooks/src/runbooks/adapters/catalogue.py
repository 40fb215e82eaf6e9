"""The catalogue in one SQLite file. Nothing in it is not in the ledger too, so a lost or damaged file is made anew."""

from __future__ import annotations

__all__ = ["SqliteCatalogue"]

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runbooks.adapters.write_lock import write_locked
from runbooks.canonical import dumps, loads
from runbooks.errors import DataFolderError
from runbooks.ports import Page

_SCHEMA = """
CREATE TABLE IF NOT EXISTS executions (
  place INTEGER PRIMARY KEY,
  execution_id TEXT NOT NULL UNIQUE,
  runbook_id TEXT NOT NULL,
  executed_by TEXT NOT NULL,
  outcome TEXT NOT NULL,
  started_at TEXT NOT NULL,
  summary BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS by_outcome ON executions (outcome, place);
CREATE INDEX IF NOT EXISTS by_runbook ON executions (runbook_id, place);
CREATE INDEX IF NOT EXISTS by_executor ON executions (executed_by, place);
CREATE INDEX IF NOT EXISTS by_start ON executions (started_at, place);
CREATE TABLE IF NOT EXISTS cursor (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO cursor VALUES (1, 0);
"""
_PUT = """
INSERT INTO executions (execution_id, runbook_id, executed_by, outcome, started_at, summary) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (execution_id) DO UPDATE SET outcome = excluded.outcome, summary = excluded.summary
"""
_COLUMNS = {"outcome": "outcome", "runbookId": "runbook_id", "executedBy": "executed_by"}
_BOUNDS = {"from": "started_at >= ?", "to": "started_at < ?"}


class SqliteCatalogue:
    """A Catalogue; one object, one thread. Executions keep the place in which they were first put."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._errors():
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=10)
            # What a crash takes away is read from the ledger again.
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.executescript(_SCHEMA)

    def cursor(self) -> int:
        """See the port."""
        with self._errors():
            found: int = self._connection.execute("SELECT seq FROM cursor").fetchone()[0]
        return found

    def put(self, summaries: Sequence[dict[str, Any]], cursor: int) -> None:
        """See the port."""
        names = ("executionId", "runbookId", "executedBy", "outcome", "startedAt")
        rows = [(*(item[name] for name in names), dumps(item)) for item in summaries]
        with self._errors(), write_locked(self._connection):
            self._connection.executemany(_PUT, rows)
            self._connection.execute("UPDATE cursor SET seq = max(seq, ?)", [cursor])

    def page(self, filters: Mapping[str, Sequence[str]], after: int | None, limit: int) -> Page:
        """See the port."""
        where, values = _where(filters)
        behind = f"{where} AND place < ?" if after is not None else where
        query = f"SELECT place, summary FROM executions WHERE {behind} ORDER BY place DESC LIMIT ?"  # noqa: S608 (ours)
        with self._errors():
            rows = self._connection.execute(query, [*values, *([after] if after is not None else []), limit + 1])
            found = rows.fetchall()
            total = self._connection.execute(
                f"SELECT count(*) FROM executions WHERE {where}",  # noqa: S608 (ours)
                values,
            ).fetchone()[0]
        more = found[limit - 1][0] if len(found) > limit else None
        return Page([loads(summary) for _, summary in found[:limit]], more, total)

    def close(self) -> None:
        """See the port."""
        self._connection.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            hint = "delete the file: it is made anew from the ledger"
            raise DataFolderError(f"catalogue {self._path}: {error}; {hint}", code="catalogue.unusable") from error


def _where(filters: Mapping[str, Sequence[str]]) -> tuple[str, list[str]]:
    parts: list[str] = ["TRUE"]
    values: list[str] = []
    for name, wanted in filters.items():
        if name in _BOUNDS:
            parts.append(_BOUNDS[name])
        else:
            parts.append(f"{_COLUMNS[name]} IN ({', '.join('?' * len(wanted))})")
        values += wanted
    return " AND ".join(parts), values
