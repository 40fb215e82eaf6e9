"""The entity graph behind any server that speaks Bolt and openCypher: Neo4j, or the embedded ArcadeDB.

Rules: a query runs in a transaction that is never committed, in access mode READ, as the reading account where there is
one; a statement that writes is refused even where the server would let it pass. A mutation and its receipt share one
transaction, so a repeated key is found whatever happened to the first answer. Conflicts between writers are tried again
here a few times, quickly; everything slower is the runner's decision.
"""

from __future__ import annotations

__all__ = ["BoltGraph"]

import time
from collections.abc import Awaitable, Callable, Iterable
from itertools import islice
from typing import Any

import orjson
from neo4j import AsyncTransaction
from neo4j.exceptions import ConstraintError

from runbooks.adapters.graph.statements import refuse_unsafe
from runbooks.adapters.graph.transactions import BoltServer, Limits, Transactions
from runbooks.errors import PermanentPortError
from runbooks.ports import Mutation, MutationOutcome

_FIND_RECEIPT = "MATCH (receipt:RunbookReceipt {key: $key}) RETURN receipt.outcome AS outcome"
_CREATE_RECEIPT = "CREATE (:RunbookReceipt {key: $key, outcome: $outcome})"


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
        self._transactions = Transactions(server, Limits(timeout, max_rows, max_bytes))
        self._timeout = timeout
        self._on_close = on_close

    async def query(self, statement: str, parameters: dict[str, Any]) -> list[Any]:
        """See `GraphStore.query`.

        Further codes: `graph.parameter`, `graph.refused`, `graph.timeout`, `graph.too_large`, `graph.failed`.
        """
        refuse_unsafe(statement)

        async def read() -> list[Any]:
            async with self._transactions.open(reading=True) as transaction:
                return await self._transactions.read(transaction, statement, parameters)

        return await self._transactions.repeat(read, reading=True)

    async def mutate(self, mutation: Mutation, approve: Callable[[list[list[Any]]], bool]) -> MutationOutcome:
        """See `GraphStore.mutate`; further codes: those of `query`, `graph.constraint`, `graph.forbidden`.

        `rows` of the outcome is 0 when `approve` refused. What `approve` raises is raised again after the roll-back;
        after a conflict it is asked again, about what it then finds.
        """
        for text in (mutation.statement, *mutation.queries):
            refuse_unsafe(text)

        async def write() -> MutationOutcome:
            try:
                return await self._mutate_once(mutation, approve)
            except ConstraintError:
                # A racing writer of the same key has won, unless the constraint is one of the graph's own.
                async with self._transactions.open(reading=False) as transaction:
                    stored = await self._stored(transaction, mutation.key)
                if stored is None:
                    raise
                return stored

        return await self._transactions.repeat(write, reading=False)

    async def load(self, statement: str, rows: Iterable[dict[str, Any]], batch: int = 1000) -> int:
        """Run `UNWIND $rows AS row …` over all rows, `batch` rows a transaction; returns the number of rows.

        Not atomic over batches: the statement should MERGE, so that a load can be repeated.
        """
        refuse_unsafe(statement)
        count, coming = 0, iter(rows)
        while taken := list(islice(coming, batch)):
            await self.execute(statement, {"rows": taken})
            count += len(taken)
        return count

    async def execute(self, statement: str, parameters: dict[str, Any]) -> None:
        """Run and commit one statement, whatever it is: for the schema, never for a runbook's text."""

        async def once() -> None:
            async with self._transactions.open(reading=False) as transaction:
                await self._transactions.run(transaction, statement, parameters)
                await self._transactions.commit(transaction)

        await self._transactions.repeat(once, reading=False)

    async def ping(self) -> None:
        """Return if the server answers both accounts; raises as `query` does."""
        await self.query("RETURN 1 AS one", {})
        await self.execute("RETURN 1 AS one", {})

    async def close(self) -> None:
        """Close all connections, then stop the embedded server, if this graph owns one."""
        try:
            await self._transactions.close()
        finally:
            if self._on_close is not None:
                await self._on_close()

    async def _mutate_once(self, mutation: Mutation, approve: Callable[[list[list[Any]]], bool]) -> MutationOutcome:
        async with self._transactions.open(reading=False) as transaction:
            stored = await self._stored(transaction, mutation.key)
            if stored is not None:
                return stored
            await self._write_rows(transaction, mutation)
            parameters = dict(mutation.parameters)
            observed = [await self._transactions.read(transaction, query, parameters) for query in mutation.queries]
            if not approve(observed):
                return MutationOutcome(rows=0, observed=observed, committed=False)
            outcome = orjson.dumps({"rows": len(mutation.rows), "observed": observed}).decode()
            await self._transactions.run(transaction, _CREATE_RECEIPT, {"key": mutation.key, "outcome": outcome})
            await self._transactions.commit(transaction)
            return MutationOutcome(rows=len(mutation.rows), observed=observed, committed=True)

    async def _stored(self, transaction: AsyncTransaction, key: str) -> MutationOutcome | None:
        rows = await self._transactions.read(transaction, _FIND_RECEIPT, {"key": key})
        if not rows:
            return None
        outcome = orjson.loads(rows[0]["outcome"])
        return MutationOutcome(rows=outcome["rows"], observed=outcome["observed"], committed=True, repeated=True)

    async def _write_rows(self, transaction: AsyncTransaction, mutation: Mutation) -> None:
        # ArcadeDB's time-out is one of each statement; Neo4j's is one of the transaction. This makes them alike.
        deadline = time.monotonic() + self._timeout
        for row in mutation.rows:
            await self._transactions.run(transaction, mutation.statement, row)
            if time.monotonic() > deadline:
                raise PermanentPortError(f"the rows took longer than {self._timeout:g} s", code="graph.timeout")
