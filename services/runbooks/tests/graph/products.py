"""One interface over the embedded ArcadeDB and real Neo4j servers of two versions: start, empty, kill, start again."""

from __future__ import annotations

__all__ = ["PRODUCTS", "ArcadeDb", "LatestNeo4j", "Neo4j", "Product", "arguments_of", "server_process"]

import asyncio
import os
import signal
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from runbooks.adapters.graph import open_graph
from runbooks.adapters.graph.accounts import read_or_create_accounts
from runbooks.adapters.graph.bolt import BoltGraph
from runbooks.adapters.graph.transactions import Account, BoltServer

from services.runbooks.tests.real import neo4j as real_neo4j
from services.runbooks.tests.real import require


class Product(ABC):
    """A server with one open graph; `graph` is another object after `start`."""

    graph: BoltGraph

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    async def start(self) -> None:
        """Start the server, after a kill too, and open `graph`."""

    @property
    @abstractmethod
    def address(self) -> BoltServer:
        """How another client reaches the running server."""

    @property
    @abstractmethod
    def pid(self) -> int:
        """The process that serves."""

    @abstractmethod
    async def stop(self) -> None:
        """End the server and the graph."""

    @abstractmethod
    def with_timeout(self, seconds: float) -> AbstractAsyncContextManager[BoltGraph]:
        """A graph of this product whose statements are stopped after that long."""

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        os.kill(self.pid, signal.SIGKILL)

    async def restart(self) -> None:
        """Start again over the same folder, after a kill; `graph` is a new one."""
        await self.graph.close()
        await self.start()

    async def empty(self) -> None:
        """Remove all nodes, the receipts too."""
        await self.graph.load("UNWIND $rows AS row MATCH (n) DETACH DELETE n", [{}])


class ArcadeDb(Product):
    """The embedded server, over its own data folder."""

    async def start(self) -> None:
        self.graph = await open_graph("arcadedb:", data_folder=self.folder)

    @property
    def address(self) -> BoltServer:
        arguments = arguments_of(self.pid)
        port = next(a.partition("=")[2] for a in arguments if a.startswith("-Darcadedb.bolt.port="))
        accounts = read_or_create_accounts(self.folder / "graph" / "credentials.json")
        writer, reader = (Account(name, password) for name, password in accounts.items())
        return BoltServer(f"bolt://127.0.0.1:{port}", writer, reader, "graph")

    @property
    def pid(self) -> int:
        return server_process(self.folder)

    async def stop(self) -> None:
        await self.graph.close()

    @asynccontextmanager
    async def with_timeout(self, seconds: float) -> AsyncIterator[BoltGraph]:
        # The time-out is one of the server, so a second server it is.
        other = await open_graph("arcadedb:", data_folder=self.folder.with_name(f"arcadedb-{seconds}"), timeout=seconds)
        try:
            yield other
        finally:
            await other.close()


class Neo4j(Product):
    """A community server of the long-term version, with its only account."""

    release = real_neo4j.LONG_TERM

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._server = real_neo4j.Neo4jServer(folder / "home", self.release)

    async def start(self) -> None:
        missing = await asyncio.to_thread(real_neo4j.fetch, self.release)
        require(f"Neo4j {self.release.version}", missing, in_ci=self.release.in_ci)
        await asyncio.to_thread(self._server.start)
        secret = self.folder / "password"
        secret.write_text(self._server.password)
        self.graph = await open_graph(self._server.url, data_folder=self.folder, password=f"file:{secret}")

    @property
    def address(self) -> BoltServer:
        return BoltServer(self._server.url, Account(self._server.user, self._server.password))

    @property
    def pid(self) -> int:
        return self._server.pid

    async def stop(self) -> None:
        await self.graph.close()
        self._server.kill()

    def kill(self) -> None:
        self._server.kill()

    @asynccontextmanager
    async def with_timeout(self, seconds: float) -> AsyncIterator[BoltGraph]:
        other = BoltGraph(self.address, timeout=seconds)
        try:
            yield other
        finally:
            await other.close()


class LatestNeo4j(Neo4j):
    """The same of the newest version."""

    release = real_neo4j.LATEST


PRODUCTS: dict[str, type[Product]] = {"arcadedb": ArcadeDb, "neo4j": Neo4j, "neo4j-latest": LatestNeo4j}


def server_process(folder: Path) -> int:
    """The id of the ArcadeDB process over `folder`; raises LookupError if there is none."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            arguments = arguments_of(int(entry.name))
            if (
                arguments[:1]
                and arguments[0].endswith("/java")
                and f"-Darcadedb.server.rootPath={folder}/graph" in arguments
            ):
                return int(entry.name)
    raise LookupError(f"no server over {folder}")


def arguments_of(pid: int) -> list[str]:
    """The command line of a process; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").split("\0")
    except OSError:
        return []
