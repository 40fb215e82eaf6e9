"""The catalogue in one SQLite file. Nothing in it is not in the ledger too, so a lost or damaged file is made anew."""

from __future__ import annotations

__all__ = ["SqliteCatalogue"]

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from runbooks.adapters.write_lock import write_locked
from runbooks.canonical import dumps, loads
from runbooks.errors import DataFolderError
from runbooks.evidence import instant
from runbooks.summaries import Page

# Another version is another shape: what an older one left is made anew.
_VERSION = 2
_DROP = "DROP TABLE IF EXISTS executions; DROP TABLE IF EXISTS cursor;"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS executions (
  place INTEGER PRIMARY KEY,
  execution_id TEXT NOT NULL UNIQUE,
  runbook_id TEXT NOT NULL,
  version TEXT NOT NULL,
  definition TEXT NOT NULL,
  executed_by TEXT NOT NULL,
  outcome TEXT NOT NULL,
  failed_step TEXT,
  failed_prover TEXT,
  started_at TEXT NOT NULL,
  started_ms INTEGER NOT NULL,
  summary BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS by_outcome ON executions (outcome, place);
CREATE INDEX IF NOT EXISTS by_runbook ON executions (runbook_id, place);
CREATE INDEX IF NOT EXISTS by_version ON executions (runbook_id, definition, version, started_at);
CREATE INDEX IF NOT EXISTS by_executor ON executions (executed_by, place);
CREATE INDEX IF NOT EXISTS by_step ON executions (failed_step, place) WHERE failed_step IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_prover ON executions (failed_prover, place) WHERE failed_prover IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_start ON executions (started_at, place);
CREATE INDEX IF NOT EXISTS by_time ON executions (started_ms, outcome);
CREATE TABLE IF NOT EXISTS cursor (one INTEGER PRIMARY KEY CHECK (one = 1), seq INTEGER NOT NULL) STRICT;
INSERT OR IGNORE INTO cursor VALUES (1, 0);
"""
_MEMBERS = {
    "execution_id": "executionId",
    "runbook_id": "runbookId",
    "version": "version",
    "definition": "definitionDigest",
    "executed_by": "executedBy",
    "outcome": "outcome",
    "failed_step": "failedStep",
    "failed_prover": "failedProver",
    "started_at": "startedAt",
}
_NAMES = ", ".join([*_MEMBERS, "started_ms", "summary"])
_PUT = f"""
INSERT INTO executions ({_NAMES}) VALUES ({", ".join("?" * (len(_MEMBERS) + 2))})
ON CONFLICT (execution_id) DO UPDATE SET outcome = excluded.outcome, failed_step = excluded.failed_step,
  failed_prover = excluded.failed_prover, summary = excluded.summary
"""  # noqa: S608 (constants)
_COLUMNS = {name: column for column, name in _MEMBERS.items()}
_BOUNDS = {
    "from": "started_at >= ?",
    "to": "started_at < ?",
    # Every name is looked at, but in their index: the rows are a hundred times as large.
    "q": "place IN (SELECT place FROM executions WHERE execution_id LIKE ? ESCAPE '~')",
}
_EPOCH, _MS = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


class SqliteCatalogue:
    """A Catalogue; one object, one thread. Executions keep the place in which they were first put."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._errors():
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=10)
            # What a crash takes away is read from the ledger again.
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            if self._connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                self._connection.executescript(f"{_DROP} PRAGMA user_version = {_VERSION};")
            self._connection.executescript(_SCHEMA)

    def cursor(self) -> int:
        """See the port."""
        with self._errors():
            found: int = self._connection.execute("SELECT seq FROM cursor").fetchone()[0]
        return found

    def put(self, summaries: Sequence[dict[str, Any]], cursor: int) -> None:
        """See the port."""
        rows = [
            (*(item[name] for name in _MEMBERS.values()), _milliseconds(item["startedAt"]), dumps(item))
            for item in summaries
        ]
        with self._errors(), write_locked(self._connection):
            self._connection.executemany(_PUT, rows)
            self._connection.execute("UPDATE cursor SET seq = max(seq, ?)", [cursor])

    def page(self, filters: Mapping[str, Sequence[str]], after: int | None, limit: int, *, newer: bool = False) -> Page:
        """See the port."""
        where, values = _where(filters)
        where = where or ["TRUE"]
        sense, order = (">", "ASC") if newer else ("<", "DESC")
        behind = where if after is None else [*where, f"place {sense} ?"]
        query = f"SELECT place, summary FROM executions WHERE {_all(behind)} ORDER BY place {order} LIMIT ?"  # noqa: S608 (ours)
        found = self._rows(query, [*values, *([] if after is None else [after]), limit])
        if newer:
            found.reverse()
        [(total,)] = self._rows(f"SELECT count(*) FROM executions WHERE {_all(where)}", values)  # noqa: S608 (ours)
        first, last = (found[0][0], found[-1][0]) if found else (None, None)
        return Page(
            [loads(summary) for _, summary in found],
            last if self._any(where, values, "<", last) else None,
            total,
            first if self._any(where, values, ">", first) else None,
        )

    def place_at(self, time: str) -> int | None:
        """See the port."""
        query = "SELECT place FROM executions WHERE started_at <= ? ORDER BY started_at DESC, place DESC LIMIT 1"
        found = self._rows(query, [time])
        return found[0][0] if found else None

    def oldest(self) -> str | None:
        """See the port."""
        [(found,)] = self._rows("SELECT min(started_at) FROM executions", [])
        return found  # type: ignore[no-any-return]

    def histogram(
        self, filters: Mapping[str, Sequence[str]], start: str, width: int, count: int
    ) -> list[dict[str, int]]:
        """See the port."""
        where, values = _where(filters)
        first = _milliseconds(start)
        query = (
            "SELECT (started_ms - ?) / ? AS bucket, outcome, count(*) FROM executions "  # noqa: S608 (ours)
            f"WHERE {_all(['started_ms >= ?', 'started_ms < ?', *where])} GROUP BY bucket, outcome"
        )
        buckets: list[dict[str, int]] = [{} for _ in range(count)]
        for bucket, outcome, number in self._rows(query, [first, width, first, first + width * count, *values]):
            buckets[bucket][outcome] = number
        return buckets

    def versions(self, runbook_id: str) -> list[dict[str, Any]]:
        """See the port."""
        query = (
            "SELECT definition, version, count(*), min(started_at), max(started_at) FROM executions "
            "WHERE runbook_id = ? GROUP BY definition, version ORDER BY 5 DESC"
        )
        names = ("digest", "version", "executions", "firstAt", "lastAt")
        return [dict(zip(names, row, strict=True)) for row in self._rows(query, [runbook_id])]

    def close(self) -> None:
        """See the port."""
        self._connection.close()

    def _any(self, where: Sequence[str], values: Sequence[Any], sense: str, place: int | None) -> bool:
        query = f"SELECT 1 FROM executions WHERE {_all([*where, f'place {sense} ?'])} LIMIT 1"  # noqa: S608 (ours)
        return place is not None and bool(self._rows(query, [*values, place]))

    def _rows(self, query: str, values: Sequence[Any]) -> list[Any]:
        with self._errors():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            hint = "delete the file: it is made anew from the ledger"
            raise DataFolderError(f"catalogue {self._path}: {error}; {hint}", code="catalogue.unusable") from error


def _where(filters: Mapping[str, Sequence[str]]) -> tuple[list[str], list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    for name, wanted in filters.items():
        parts.append(_BOUNDS.get(name) or f"{_COLUMNS[name]} IN ({', '.join('?' * len(wanted))})")
        values += [f"%{_escaped(text)}%" for text in wanted] if name == "q" else wanted
    return parts, values


def _escaped(text: str) -> str:
    return text.replace("~", "~~").replace("%", "~%").replace("_", "~_")


def _all(parts: Sequence[str]) -> str:
    return " AND ".join(parts)


def _milliseconds(time: str) -> int:
    return (instant(time) - _EPOCH) // _MS
