"""Transactions with a Bolt server: bounded in time and size, rolled back unless committed, repeated after a conflict.

The driver's own context managers are not used: they commit at the end, and wait without limit for a server that hangs.
"""

from __future__ import annotations

__all__ = ["Account", "BoltServer", "Limits", "Transactions"]

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
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
from neo4j.exceptions import ConfigurationError, DriverError, Neo4jError

from runbooks.adapters.graph.failures import is_conflict, port_error
from runbooks.adapters.graph.values import json_row
from runbooks.errors import PermanentPortError, SettingsError, TransientPortError

T = TypeVar("T")

# The server stops a statement itself at the time-out; the client waits this much longer before it gives the server up.
_GRACE_SECONDS = 3.0
# ArcadeDB checks versions at commit, so writers of one record meet often: eight at once took up to five tries.
_CONFLICT_PAUSES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
# A connection that was idle for longer is asked first whether it still lives, so that a restart in between is not seen.
_IDLE_SECONDS = 5.0


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


@dataclass(frozen=True)
class Limits:
    """Seconds of one transaction; rows, and bytes of JSON, of one result."""

    timeout: float
    rows: int
    size: int


class Transactions:
    """Opens transactions, reading or writing, and talks inside them."""

    def __init__(self, server: BoltServer, limits: Limits) -> None:
        self._writer = _driver(server.url, server.writer, limits.timeout)
        self._reader = _driver(server.url, server.reader, limits.timeout) if server.reader else self._writer
        self._database = server.database
        self._limits = limits

    @asynccontextmanager
    async def open(self, *, reading: bool) -> AsyncIterator[AsyncTransaction]:
        """A transaction in the access mode, and as the account, that fit; rolled back unless it is committed inside."""
        driver = self._reader if reading else self._writer
        mode = READ_ACCESS if reading else WRITE_ACCESS
        session = driver.session(database=self._database, default_access_mode=mode)
        try:
            transaction = await self._answer(session.begin_transaction(timeout=self._limits.timeout))
            try:
                yield transaction
            finally:
                await self._end(transaction.close())
        finally:
            await self._end(session.close())

    async def run(self, transaction: AsyncTransaction, statement: str, parameters: dict[str, Any]) -> None:
        """Run a statement and forget its rows."""
        result = await self._send(transaction, statement, parameters)
        await self._answer(result.consume())

    async def read(self, transaction: AsyncTransaction, statement: str, parameters: dict[str, Any]) -> list[Any]:
        """The rows of a statement that must not write, whatever the server would allow."""
        result = await self._send(transaction, statement, parameters)
        rows = await self._answer(self._collect(result))
        if _writes(await self._answer(result.consume())):
            raise PermanentPortError("the statement writes, but a query may only read", code="graph.read_only")
        return rows

    async def commit(self, transaction: AsyncTransaction) -> None:
        """Return when the server has acknowledged; after any error nobody knows, so look before trying again."""
        await self._answer(transaction.commit())

    async def repeat(self, action: Callable[[], Awaitable[T]], *, reading: bool) -> T:
        """Do `action`, again after each conflict; what the driver raises becomes a PortError."""
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

    async def close(self) -> None:
        """Close all connections."""
        for driver in {self._reader, self._writer}:
            await self._end(driver.close())

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
            if len(rows) > self._limits.rows or size > self._limits.size:
                limit = f"{self._limits.rows} rows or {self._limits.size} bytes"
                raise PermanentPortError(f"the result has more than {limit}; add a LIMIT", code="graph.too_large")
        return rows

    async def _answer(self, call: Awaitable[T]) -> T:
        """What the server answers; a server that stays silent beyond the time-out counts as unreachable."""
        seconds = self._limits.timeout + _GRACE_SECONDS
        try:
            async with asyncio.timeout(seconds):
                return await call
        except TimeoutError as error:
            raise TransientPortError(
                f"the graph server was silent for {seconds:g} s", code="graph.unreachable"
            ) from error

    async def _end(self, closing: Awaitable[None]) -> None:
        # Whether the server hears of it or not, it rolls back what nobody commits.
        with suppress(Neo4jError, DriverError, TransientPortError):
            await self._answer(closing)


def _driver(url: str, account: Account, timeout: float) -> AsyncDriver:
    # Everything that went wrong is raised; what the driver logs besides are lost connections, once more, and
    # notifications, which quote statements and so perhaps data. Whoever sets a level of its own gets it.
    log = logging.getLogger("neo4j")
    if log.level == logging.NOTSET:
        log.setLevel(logging.CRITICAL)
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
