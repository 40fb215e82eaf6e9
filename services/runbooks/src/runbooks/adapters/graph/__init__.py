"""Graph stores by address: `arcadedb:` is embedded in the data folder, `bolt://` and `neo4j://` name a server.

Credentials of a server come from the environment, never from the address, which is written to logs and manifests:

- `RUNBOOKS_GRAPH_USER` (default `neo4j`), `RUNBOOKS_GRAPH_PASSWORD`: the account that writes;
- `RUNBOOKS_GRAPH_READ_USER`, `RUNBOOKS_GRAPH_READ_PASSWORD`: an account without rights to write, optional;
- `RUNBOOKS_GRAPH_DATABASE`: the database, if not the server's default.

A password is the text itself, or `file:` and the path of a file that holds it.
"""

from __future__ import annotations

__all__ = ["open_graph"]

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from runbooks.errors import PermanentPortError, SettingsError

if TYPE_CHECKING:
    from runbooks.adapters.graph.bolt import BoltGraph

_SERVER_SCHEMES = frozenset({"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"})


async def open_graph(
    url: str, *, data_folder: Path, environ: Mapping[str, str] | None = None, timeout: float = 30.0
) -> BoltGraph:
    """The graph at `url`, reachable and prepared for mutations; `await graph.close()` ends it, and an embedded server.

    `timeout` is the longest a statement may run, in seconds. Raises SettingsError for an address or credentials that
    cannot be used, DataFolderError when the embedded graph has another owner, and the errors of `GraphStore.query`.
    """
    scheme = url.partition(":")[0]
    if scheme == "arcadedb":
        return await _open_embedded(url, data_folder, timeout)
    if scheme in _SERVER_SCHEMES:
        return await _open_server(url, os.environ if environ is None else environ, timeout)
    raise SettingsError(f"a graph's address starts with arcadedb:, bolt:// or neo4j://, got {scheme!r}")


async def _open_embedded(url: str, data_folder: Path, timeout: float) -> BoltGraph:
    from runbooks.adapters.graph.arcadedb import ArcadeDbServer

    if url != "arcadedb:":
        raise SettingsError("the embedded graph is named `arcadedb:` and lives in the data folder")
    server = ArcadeDbServer(data_folder / "graph", timeout=timeout)
    server.spawn()
    try:
        # The driver's import takes some 0.4 s; the server starts meanwhile.
        from runbooks.adapters.graph.bolt import Account, BoltGraph, BoltServer

        writer, reader = (Account(name, password) for name, password in server.accounts.items())
        address = BoltServer(f"bolt://127.0.0.1:{server.port}", writer, reader, server.database)
        graph = BoltGraph(address, timeout=timeout, on_close=server.close)
        await server.until_ready(graph.prepare)
        await graph.ping()
    except BaseException:
        await server.close()
        raise
    return graph


async def _open_server(url: str, environ: Mapping[str, str], timeout: float) -> BoltGraph:
    from runbooks.adapters.graph.bolt import Account, BoltGraph, BoltServer

    if "@" in urlsplit(url).netloc:
        raise SettingsError(
            "a graph's address holds no credentials: use RUNBOOKS_GRAPH_USER and RUNBOOKS_GRAPH_PASSWORD"
        )
    writer = Account(environ.get("RUNBOOKS_GRAPH_USER", "neo4j"), _password(environ, "RUNBOOKS_GRAPH_PASSWORD"))
    reader = None
    if environ.get("RUNBOOKS_GRAPH_READ_USER"):
        reader = Account(environ["RUNBOOKS_GRAPH_READ_USER"], _password(environ, "RUNBOOKS_GRAPH_READ_PASSWORD"))
    graph = BoltGraph(BoltServer(url, writer, reader, environ.get("RUNBOOKS_GRAPH_DATABASE")), timeout=timeout)
    try:
        await graph.prepare()
        await graph.ping()
    except BaseException:
        await graph.close()
        raise
    return graph


def _password(environ: Mapping[str, str], name: str) -> str:
    reference = environ.get(name, "")
    if not reference:
        raise SettingsError(
            f"{name} is not set: it holds the graph's password, or file: and the path of a file with it"
        )
    if not reference.startswith("file:"):
        return reference
    try:
        return Path(reference.removeprefix("file:")).read_text("utf-8").rstrip("\r\n")
    except OSError as error:
        raise PermanentPortError(f"{name}: the file cannot be read: {error.strerror}", code="graph.auth") from error
