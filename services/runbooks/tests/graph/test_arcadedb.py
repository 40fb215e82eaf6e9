"""The embedded ArcadeDB: who owns it, who may do what, and that it never outlives its owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from neo4j import AsyncGraphDatabase
from neo4j.exceptions import Forbidden
from runbooks.adapters.graph import arcadedb, open_graph
from runbooks.adapters.graph.transactions import Account
from runbooks.errors import DataFolderError, PermanentPortError, SettingsError
from runbooks.ports import Mutation
from runbooks.service import open_graph_of
from runbooks.settings import Settings

from services.runbooks.tests.graph.conftest import Running
from services.runbooks.tests.graph.products import Product, arguments_of, server_process

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

OWNER = """
import asyncio, sys
from pathlib import Path
from runbooks.adapters.graph import open_graph
from runbooks.ports import Mutation
from runbooks.service import open_graph_of
from runbooks.settings import Settings

async def main():
    graph = await open_graph("arcadedb:", data_folder=Path(sys.argv[1]))
    await graph.mutate(Mutation("k", "CREATE (:Entity {id: $id})", [{"id": "a"}]), lambda observed: True)
    print("written", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest_asyncio.fixture(loop_scope="session")
async def embedded(running: Running) -> Product:
    return await running.get("arcadedb")


def start_owner(folder: Path) -> subprocess.Popen[str]:
    """Another process that owns the embedded graph, has one acknowledged write and waits."""
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "written\n"
    return owner


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


async def test_the_server_dies_with_an_owner_killed_by_sigkill_and_the_folder_opens_again(tmp_path: Path) -> None:
    owner = start_owner(tmp_path)
    server = server_process(tmp_path)
    owner.kill()
    owner.wait()
    until(lambda: is_gone(server), "the server outlived its owner")
    graph = await open_graph("arcadedb:", data_folder=tmp_path)
    try:
        assert await graph.query("MATCH (e:Entity) RETURN e.id AS id", {}) == [{"id": "a"}]
    finally:
        await graph.close()


async def test_the_server_dies_even_with_a_killed_guardian(tmp_path: Path) -> None:
    owner = start_owner(tmp_path)
    server = server_process(tmp_path)
    os.kill(parent_of(server), signal.SIGKILL)
    until(lambda: is_gone(server), "the server outlived its guardian")
    owner.kill()
    owner.wait()


async def test_a_folder_of_any_name_keeps_its_graph_and_its_passwords_over_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "dätå, with; space"
    first = await open_graph("arcadedb:", data_folder=folder)
    await first.mutate(Mutation("k", "CREATE (:Entity {id: $id})", [{"id": "ü"}]), lambda observed: True)
    passwords = (folder / "graph" / "credentials.json").read_text()
    await first.close()
    second = await open_graph("arcadedb:", data_folder=folder)
    try:
        assert await second.query("MATCH (e:Entity) RETURN e.id AS id", {}) == [{"id": "ü"}]
        assert (folder / "graph" / "credentials.json").read_text() == passwords
    finally:
        await second.close()


async def test_closing_stops_the_server_and_closing_again_is_no_error(tmp_path: Path) -> None:
    graph = await open_graph("arcadedb:", data_folder=tmp_path)
    server = server_process(tmp_path)
    await graph.close()
    assert is_gone(server)
    await graph.close()


async def test_a_folder_has_one_owner(embedded: Product) -> None:
    with pytest.raises(DataFolderError, match=f"in use by process {os.getpid()}"):
        await open_graph("arcadedb:", data_folder=embedded.folder)
    assert await embedded.graph.query("RETURN 1 AS n", {}) == [{"n": 1}]


async def test_passwords_are_in_private_files_and_on_no_command_line(embedded: Product) -> None:
    graph_folder = embedded.folder / "graph"
    assert graph_folder.stat().st_mode & 0o777 == 0o700
    for path in (graph_folder / "credentials.json", graph_folder / "config" / "server-users.jsonl"):
        assert path.stat().st_mode & 0o777 == 0o600
    passwords = [account.password for account in (embedded.address.writer, embedded.address.reader) if account]
    assert len(set(passwords)) == 2
    for pid in (embedded.pid, parent_of(embedded.pid)):
        assert not [password for password in passwords if password in " ".join(arguments_of(pid))]
    assert not [password for password in passwords if password in (graph_folder / "server.log").read_text()]


def listening_addresses(pid: int) -> set[str]:
    """The local addresses, in the kernel's hexadecimal form, on which the process listens."""
    sockets = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    tables = [Path(f"/proc/net/{kind}").read_text().splitlines()[1:] for kind in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets}


async def test_the_server_listens_on_loopback_only(embedded: Product) -> None:
    # Java opens an IPv6 socket bound to the IPv4 loopback address.
    assert listening_addresses(embedded.pid) == {"0000000000000000FFFF00000100007F"}


async def test_ctrl_c_in_the_owners_terminal_does_not_reach_the_server(embedded: Product) -> None:
    assert os.getsid(embedded.pid) != os.getsid(0)


async def raw(product: Product, account: Account, statement: str) -> list[Any]:
    """What the server itself allows, without the checks of the adapter."""
    async with AsyncGraphDatabase.driver(product.address.url, auth=(account.user, account.password)) as driver:
        return (await driver.execute_query(statement, database_="graph")).records


@pytest.mark.parametrize(
    ("who", "statement"),
    [
        ("reader", "CREATE (:Entity {id: 'new'})"),
        ("reader", "MATCH (n:Entity) SET n.id = 'x'"),
        ("reader", "CREATE INDEX later IF NOT EXISTS FOR (n:Entity) ON (n.later)"),
        ("reader", "CALL merge.node(['Entity'], {id: 'q'}) YIELD node RETURN node"),
        ("reader", "LOAD CSV FROM 'file:///etc/hostname' AS line RETURN line"),
        ("writer", "LOAD CSV FROM 'file:///etc/hostname' AS line RETURN line"),
        ("writer", "LOAD CSV FROM 'http://127.0.0.1:9/x.csv' AS line RETURN line"),
        ("writer", "SHOW USERS"),
        ("writer", "CREATE USER other SET PASSWORD 'something-long'"),
    ],
)
async def test_the_server_itself_refuses_what_its_accounts_must_not_do(
    embedded: Product, who: str, statement: str
) -> None:
    await embedded.empty()
    await embedded.graph.load("UNWIND $rows AS row CREATE (:Entity {id: row.id})", [{"id": "a"}])
    account = embedded.address.writer if who == "writer" else embedded.address.reader
    assert account is not None
    with pytest.raises(Forbidden):
        await raw(embedded, account, statement)
    assert await embedded.graph.query("MATCH (n) RETURN n", {}) == [{"n": {"id": "a"}}]


async def test_queries_go_as_the_reading_account_that_the_settings_name(embedded: Product, tmp_path: Path) -> None:
    address = embedded.address
    assert address.reader is not None
    for name, password in (("w", address.writer.password), ("r", address.reader.password), ("x", "wrong-secret")):
        (tmp_path / name).write_text(password)
    settings = Settings(
        tmp_path,
        graph=address.url,
        graph_user=address.writer.user,
        graph_password=f"file:{tmp_path / 'w'}",
        graph_reader=address.reader.user,
        graph_reader_password=f"file:{tmp_path / 'r'}",
        graph_database="graph",
    )
    graph = await open_graph_of(settings)
    assert await graph.query("RETURN 1 AS n", {}) == [{"n": 1}]
    await graph.close()
    with pytest.raises(PermanentPortError) as caught:
        await open_graph_of(replace(settings, graph_reader_password=f"file:{tmp_path / 'x'}"))
    assert caught.value.code == "graph.auth"


async def test_a_server_that_cannot_start_says_so_with_the_end_of_its_log(tmp_path: Path) -> None:
    server = arcadedb.ArcadeDbServer(tmp_path / "graph", heap=0)
    server.spawn()
    with pytest.raises(PermanentPortError, match=r"Too small maximum heap|Invalid maximum heap") as caught:
        await server.until_ready(never_ready)
    assert caught.value.code == "graph.start"
    await server.close()


async def never_ready() -> None:
    raise PermanentPortError("not yet")


async def test_damaged_credentials_are_refused_and_told(tmp_path: Path) -> None:
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / "credentials.json").write_text("{")
    with pytest.raises(SettingsError, match=r"credentials\.json is damaged"):
        await open_graph("arcadedb:", data_folder=tmp_path)


async def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "graph").write_text("")
    with pytest.raises(DataFolderError, match="cannot be written"):
        await open_graph("arcadedb:", data_folder=tmp_path)
