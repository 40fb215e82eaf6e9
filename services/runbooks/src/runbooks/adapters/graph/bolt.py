"""The entity graph behind any server that speaks Bolt and openCypher: Neo4j, or the embedded ArcadeDB.

Rules: a query runs in a transaction that is never committed, in access mode READ, as the reading account where there is
one; a statement that writes is refused even where the server would let it pass. A mutation and its receipt share one
transaction, so a repeated key is found whatever happened to the first answer. Conflicts between writers are tried again
here a few times, quickly; everything slower is the runner's decision.
"""

from __future__ import annotations

__all__ = ["Account", "BoltGraph", "BoltServer"]

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import orjson
from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncResult,
    AsyncTransaction,
    ResultSummary,
)
from neo4j.exceptions import ConfigurationError, ConstraintError, DriverError, Neo4jError

from runbooks.adapters.graph.failures import is_conflict, port_error
from runbooks.adapters.graph.statements import index_statement, refuse_unsafe
from runbooks.adapters.graph.values import json_row
from runbooks.errors import PermanentPortError, SettingsError, TransientPortError
from runbooks.ports import Mutation, MutationOutcome

T = TypeVar("T")

# The server stops a statement itself at the time-out; the client waits this much longer before it gives the server up.
_GRACE_SECONDS = 3.0
# ArcadeDB checks versions at commit, so writers of one record meet often: eight at once took up to five tries.
_CONFLICT_PAUSES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
# A connection that was idle for longer is asked first whether it still lives, so that a restart in between is not seen.
_IDLE_SECONDS = 5.0

_CONSTRAINT = (
    "CREATE CONSTRAINT runbook_receipt_key IF NOT EXISTS FOR (receipt:RunbookReceipt) REQUIRE receipt.key IS UNIQUE"
)
_FIND_RECEIPT = "MATCH (receipt:RunbookReceipt {key: $key}) RETURN receipt.outcome AS outcome"
_CREATE_RECEIPT = "CREATE (:RunbookReceipt {key: $key, outcome: $outcome})"


@dataclass(frozen=True)
class Account:
    """A user of the graph server; the password is in no representation."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Account({self.user!r})"


@dataclass(frozen=True)
class BoltServer:
    """Where the graph is and who asks; `reader` is an account that cannot write, if the server has one."""

    url: str
    writer: Account
    reader: Account | None = None
    database: str | None = None


class BoltGraph:
    """Implements `runbooks.ports.GraphStore`; make it with `runbooks.adapters.graph.open_graph`.

    `timeout` is in seconds and bounds a query, or all rows of a mutation. A result of more than `max_rows` rows or
    `max_bytes` bytes of JSON is refused with `graph.too_large`.
    """

    def __init__(
        self,
        server: BoltServer,
        *,
        timeout: float = 30.0,
        max_rows: int = 100_000,
        max_bytes: int = 64 * 1024 * 1024,
        on_close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._writer = _driver(server.url, server.writer, timeout)
        self._reader = _driver(server.url, server.reader, timeout) if server.reader else self._writer
        self._database = server.database
        self._timeout = timeout
        self._max_rows = max_rows
        self._max_bytes = max_bytes
        self._on_close = on_close

    async def query(self, statement: str, parameters: dict[str, Any]) -> list[Any]:
        """See `GraphStore.query`.

        Further codes: `graph.parameter`, `graph.refused`, `graph.timeout`, `graph.too_large`, `graph.failed`.
        """
        refuse_unsafe(statement)

        async def read() -> list[Any]:
            async with self._transaction(reading=True) as transaction:
                return await self._read(transaction, statement, parameters)

        return await self._retrying(read, reading=True)

    async def mutate(self, mutation: Mutation, approve: Callable[[list[list[Any]]], bool]) -> MutationOutcome:
        """See `GraphStore.mutate`; further codes: those of `query`, `graph.constraint`, `graph.forbidden`.

        `rows` of the outcome is 0 when `approve` refused. What `approve` raises is raised again after the roll-back.
        """
        for text in (mutation.statement, *mutation.queries):
            refuse_unsafe(text)

        async def write() -> MutationOutcome:
            try:
                return await self._mutate_once(mutation, approve)
            except ConstraintError:
                # A racing writer of the same key has won, unless the constraint is one of the graph's own.
                async with self._transaction(reading=False) as transaction:
                    stored = await self._stored(transaction, mutation.key)
                if stored is None:
                    raise
                return stored

        return await self._retrying(write, reading=False)

    async def load(self, statement: str, rows: Sequence[dict[str, Any]], batch: int = 1000) -> int:
        """Run `UNWIND $rows AS row …` over all rows, `batch` rows a transaction; returns the number of rows.

        Not atomic over batches: the statement should MERGE, so that a load can be repeated.
        """
        refuse_unsafe(statement)
        for start in range(0, len(rows), batch):
            parameters = {"rows": list(rows[start : start + batch])}
            await self._retrying(partial(self._execute, statement, parameters), reading=False)
        return len(rows)

    async def prepare(self) -> None:
        """Make the receipts unique by key; mutations are exactly once only after this."""
        await self._retrying(partial(self._execute, _CONSTRAINT, {}), reading=False)

    async def ensure_index(self, label: str, prop: str) -> None:
        """Index the nodes of `label` by `prop`; both are plain identifiers. An index that exists is no error."""
        statement = index_statement(label, prop)
        await self._retrying(partial(self._execute, statement, {}), reading=False)

    async def ping(self) -> None:
        """Return if the server answers both accounts; raises as `query` does."""
        await self.query("RETURN 1 AS one", {})
        await self._retrying(partial(self._execute, "RETURN 1 AS one", {}), reading=False)

    async def close(self) -> None:
        """Close all connections, then stop the embedded server, if this graph owns one."""
        try:
            for driver in {self._reader, self._writer}:
                await self._end(driver.close())
        finally:
            if self._on_close is not None:
                await self._on_close()

    async def _mutate_once(self, mutation: Mutation, approve: Callable[[list[list[Any]]], bool]) -> MutationOutcome:
        async with self._transaction(reading=False) as transaction:
            stored = await self._stored(transaction, mutation.key)
            if stored is not None:
                return stored
            await self._write_rows(transaction, mutation)
            observed = [await self._read(transaction, query, {}) for query in mutation.queries]
            if not approve(observed):
                return MutationOutcome(rows=0, observed=observed, committed=False)
            outcome = orjson.dumps({"rows": len(mutation.rows), "observed": observed}).decode()
            await self._run(transaction, _CREATE_RECEIPT, {"key": mutation.key, "outcome": outcome})
            await self._answer(transaction.commit())
            return MutationOutcome(rows=len(mutation.rows), observed=observed, committed=True)

    async def _stored(self, transaction: AsyncTransaction, key: str) -> MutationOutcome | None:
        rows = await self._read(transaction, _FIND_RECEIPT, {"key": key})
        if not rows:
            return None
        outcome = orjson.loads(rows[0]["outcome"])
        return MutationOutcome(rows=outcome["rows"], observed=outcome["observed"], committed=True, repeated=True)

    async def _write_rows(self, transaction: AsyncTransaction, mutation: Mutation) -> None:
        # ArcadeDB's time-out is one of each statement; Neo4j's is one of the transaction. This makes them alike.
        deadline = time.monotonic() + self._timeout
        for row in mutation.rows:
            await self._run(transaction, mutation.statement, row)
            if time.monotonic() > deadline:
                raise PermanentPortError(f"the rows took longer than {self._timeout:g} s", code="graph.timeout")

    async def _execute(self, statement: str, parameters: dict[str, Any]) -> None:
        async with self._transaction(reading=False) as transaction:
            await self._run(transaction, statement, parameters)
            await self._answer(transaction.commit())

    async def _run(self, transaction: AsyncTransaction, statement: str, parameters: dict[str, Any]) -> None:
        result = await self._send(transaction, statement, parameters)
        await self._answer(result.consume())

    async def _read(self, transaction: AsyncTransaction, statement: str, parameters: dict[str, Any]) -> list[Any]:
        result = await self._send(transaction, statement, parameters)
        rows = await self._answer(self._collect(result))
        if _writes(await self._answer(result.consume())):
            raise PermanentPortError("the statement writes, but a query may only read", code="graph.read_only")
        return rows

    async def _send(self, transaction: AsyncTransaction, statement: str, parameters: dict[str, Any]) -> AsyncResult:
        try:
            return await self._answer(transaction.run(statement, parameters))
        except (OverflowError, TypeError, ValueError) as error:
            raise PermanentPortError(f"a parameter cannot be sent: {error}", code="graph.parameter") from error

    async def _collect(self, result: AsyncResult) -> list[Any]:
        rows, size, columns = [], 0, result.keys()
        async for record in result:
            row = json_row(columns, record.values())
            rows.append(row)
            size += len(orjson.dumps(row))
            if len(rows) > self._max_rows or size > self._max_bytes:
                limit = f"{self._max_rows} rows or {self._max_bytes} bytes"
                raise PermanentPortError(f"the result has more than {limit}; add a LIMIT", code="graph.too_large")
        return rows

    @asynccontextmanager
    async def _transaction(self, *, reading: bool) -> AsyncIterator[AsyncTransaction]:
        """A transaction that is rolled back unless its user commits it.

        The driver's own context managers commit at the end and wait without limit for a server that hangs.
        """
        driver = self._reader if reading else self._writer
        mode = READ_ACCESS if reading else WRITE_ACCESS
        session = driver.session(database=self._database, default_access_mode=mode)
        try:
            transaction = await self._answer(session.begin_transaction(timeout=self._timeout))
            try:
                yield transaction
            finally:
                await self._end(transaction.close())
        finally:
            await self._end(session.close())

    async def _end(self, closing: Awaitable[None]) -> None:
        # Whether the server hears of it or not, it rolls back what nobody commits.
        with suppress(Neo4jError, DriverError, TransientPortError):
            await self._answer(closing)

    async def _answer(self, call: Awaitable[T]) -> T:
        """What the server answers; a server that stays silent beyond the time-out counts as unreachable."""
        try:
            async with asyncio.timeout(self._timeout + _GRACE_SECONDS):
                return await call
        except TimeoutError as error:
            seconds = self._timeout + _GRACE_SECONDS
            raise TransientPortError(
                f"the graph server gave no answer for {seconds:g} s", code="graph.unreachable"
            ) from error

    async def _retrying(self, action: Callable[[], Awaitable[T]], *, reading: bool) -> T:
        pauses = iter(_CONFLICT_PAUSES)
        while True:
            try:
                return await action()
            except (Neo4jError, DriverError) as error:
                pause = next(pauses, None) if is_conflict(error) else None
                if pause is None:
                    raise port_error(error, reading=reading) from error
                # Writers that met once would meet again if they all waited equally long.
                await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311


def _driver(url: str, account: Account, timeout: float) -> AsyncDriver:
    # Notifications quote the statement, and a statement may hold data that has no business in a log.
    logging.getLogger("neo4j.notifications").setLevel(logging.CRITICAL)
    try:
        return AsyncGraphDatabase.driver(
            url,
            auth=(account.user, account.password),
            connection_timeout=min(timeout, 10.0),
            connection_acquisition_timeout=timeout,
            liveness_check_timeout=_IDLE_SECONDS,
            telemetry_disabled=True,
            user_agent="intelgraph-runbooks",
        )
    except (ConfigurationError, ValueError) as error:
        raise SettingsError(f"the graph's address is not usable: {error}") from error


def _writes(summary: ResultSummary) -> bool:
    """Whether the statement may write, even if this time it changed nothing."""
    return summary.query_type in ("w", "rw", "s") or summary.counters.contains_updates
