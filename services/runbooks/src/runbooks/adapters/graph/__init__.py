"""Graph stores by address: `arcadedb:` is embedded in the data folder, `bolt://` and `neo4j://` name a server.

A password is always a reference, `env:NAME` or `file:PATH`, and an address holds no credentials: addresses are written
to logs. Nothing of a driver is imported before a graph is opened.
"""

from __future__ import annotations

__all__ = ["DEFAULT_PASSWORD", "check_graph", "connect_graph", "open_graph"]

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runbooks.adapters.references import read_secret
from runbooks.errors import SettingsError

if TYPE_CHECKING:
    from runbooks.adapters.graph.bolt import BoltGraph
    from runbooks.adapters.graph.transactions import BoltServer

DEFAULT_PASSWORD = "env:RUNBOOKS_GRAPH_PASSWORD"  # noqa: S105 (a reference)

_SERVER_SCHEMES = frozenset({"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"})


async def open_graph(
    url: str,
    *,
    data_folder: Path,
    user: str = "neo4j",
    password: str = DEFAULT_PASSWORD,
    reader: tuple[str, str] | None = None,
    database: str | None = None,
    timeout: float = 30.0,
) -> BoltGraph:
    """The graph at `url`, reachable and migrated; `await graph.close()` ends it, and an embedded server.

    Everything is as for `connect_graph`; raises the errors of `runbooks.adapters.graph.migrations.migrate` too.
    """
    from runbooks.adapters.graph.migrations import migrate

    graph = await connect_graph(
        url, data_folder=data_folder, user=user, password=password, reader=reader, database=database, timeout=timeout
    )
    return await _ready(graph, lambda: migrate(graph))


async def connect_graph(
    url: str,
    *,
    data_folder: Path,
    user: str = "neo4j",
    password: str = DEFAULT_PASSWORD,
    reader: tuple[str, str] | None = None,
    database: str | None = None,
    timeout: float = 30.0,
) -> BoltGraph:
    """The graph at `url` with the schema that it has: for looking, as only a migrated one makes mutations once.

    `user` and `password` are the account that writes; `reader`, if the server has roles, the user and password of one
    that cannot. The embedded graph ignores all of them and has its own. `timeout` is the longest a query or the rows of
    a mutation may take, in seconds. Raises SettingsError for an address or a reference that cannot be used,
    DataFolderError when the embedded graph has another owner, and the errors of `GraphStore.query`.
    """
    if _is_embedded(url):
        return await _open_embedded(data_folder, timeout)
    from runbooks.adapters.graph.transactions import Account, BoltServer

    reading = Account(reader[0], _password(reader[1])) if reader else None
    return await _open_server(BoltServer(url, Account(user, _password(password)), reading, database), timeout)


def check_graph(url: str, *, password: str = DEFAULT_PASSWORD, reader: tuple[str, str] | None = None) -> None:
    """Raise the SettingsError that `connect_graph` would, without a connection; see there for the parameters."""
    if not _is_embedded(url):
        for reference in (password, *([reader[1]] if reader else [])):
            _password(reference)


def _is_embedded(url: str) -> bool:
    scheme = url.partition(":")[0]
    if scheme == "arcadedb":
        if url != "arcadedb:":
            raise SettingsError("the embedded graph is named `arcadedb:` and lives in the data folder")
        return True
    if scheme not in _SERVER_SCHEMES:
        raise SettingsError(f"a graph's address starts with arcadedb:, bolt:// or neo4j://, got {scheme!r}")
    if "@" in urlsplit(url).netloc:
        raise SettingsError("a graph's address holds no credentials: name the user and a password reference instead")
    return False


async def _open_embedded(data_folder: Path, timeout: float) -> BoltGraph:
    from runbooks.adapters.graph.arcadedb import ArcadeDbServer

    server = ArcadeDbServer(data_folder / "graph", timeout=timeout)
    server.spawn()
    # The driver's import takes some 0.4 s; the server starts meanwhile.
    from runbooks.adapters.graph.bolt import BoltGraph
    from runbooks.adapters.graph.transactions import Account, BoltServer

    writer, reader = (Account(name, password) for name, password in server.accounts.items())
    address = BoltServer(f"bolt://127.0.0.1:{server.port}", writer, reader, server.database)
    graph = BoltGraph(address, timeout=timeout, on_close=server.close)
    return await _ready(graph, lambda: server.until_ready(graph.ping))


async def _open_server(server: BoltServer, timeout: float) -> BoltGraph:
    from runbooks.adapters.graph.bolt import BoltGraph

    graph = BoltGraph(server, timeout=timeout)
    return await _ready(graph, graph.ping)


async def _ready(graph: BoltGraph, make_ready: Callable[[], Awaitable[object]]) -> BoltGraph:
    """The graph when it is made ready; closed when that fails."""
    try:
        await make_ready()
    except BaseException:
        await graph.close()
        raise
    return graph


def _password(reference: str) -> str:
    return read_secret(reference, "the graph's password")
