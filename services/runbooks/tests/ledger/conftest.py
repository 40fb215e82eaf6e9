"""Stores of the ledger for tests: a SQLite file, and a database of a real PostgreSQL server."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
import rfc8785
from runbooks.adapters.ledger.sqlite import SqliteLedger
from runbooks.ledger import Draft, Entry
from runbooks.ports import LedgerStore

from services.runbooks.tests.real import postgres, require


def draft(
    kind: str = "Noted", *, execution: str = "R-1", step: str | None = None, body: Any = None, runbook: str = "R"
) -> Draft:
    return Draft(execution, runbook, kind, step, rfc8785.dumps(body or {"members": {}, "blobs": {}}))


def append(ledger: LedgerStore, *drafts: Draft) -> list[Entry]:
    return ledger.append(lambda head: drafts)


class SqliteStore:
    """What a test does to a store behind the back of its ledger."""

    refused = sqlite3.IntegrityError
    unprotect = ("DROP TRIGGER no_update", "DROP TRIGGER no_delete")

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "ledger.sqlite")

    def open(self) -> LedgerStore:
        return SqliteLedger(Path(self.address))

    def run(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.address, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)


class PostgresStore:
    """The same for PostgreSQL."""

    refused = psycopg.errors.RestrictViolation
    unprotect = ("DROP TRIGGER no_change ON entries",)

    def __init__(self, server: postgres.PostgresServer) -> None:
        self.address = server.database()

    def open(self) -> LedgerStore:
        from runbooks.adapters.ledger.postgres import PostgresLedger

        return PostgresLedger(self.address)

    def run(self, *statements: Any) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


Store = SqliteStore | PostgresStore


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.PostgresServer]:
    require("PostgreSQL", postgres.fetch())
    server = postgres.PostgresServer(tmp_path_factory.mktemp("postgres"))
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.real)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        return SqliteStore(tmp_path)
    return PostgresStore(request.getfixturevalue("postgres_server"))


@pytest.fixture
def ledger(store: Store) -> Iterator[LedgerStore]:
    opened = store.open()
    yield opened
    opened.close()
