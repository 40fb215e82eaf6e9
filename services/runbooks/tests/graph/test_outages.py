"""What a graph does when its server is away, dies, hangs or loses an answer; over every product."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from runbooks.adapters.graph import open_graph
from runbooks.adapters.graph.bolt import BoltGraph
from runbooks.adapters.graph.transactions import Account
from runbooks.errors import PermanentPortError, TransientPortError
from runbooks.ports import Mutation

from services.runbooks.tests.graph.conftest import products
from services.runbooks.tests.graph.products import Product
from services.runbooks.tests.graph.proxy import AcknowledgementLoser

# A newer server of the same make starts as slowly and dies alike.
product = products(["arcadedb", "neo4j"])

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

LONG = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN sum(a * b) AS n"
INCREMENT = Mutation(
    "k", "MERGE (e:Entity {id: $id}) SET e.count = coalesce(e.count, 0) + 1", [{"id": "a"}, {"id": "b"}]
)
TOTAL = "MATCH (e:Entity) RETURN count(e) AS nodes, sum(e.count) AS n"


def always(observed: list[list[Any]]) -> bool:
    return True


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def until_busy(pid: int, seconds: float) -> None:
    """Return when the process has used that much processor time: the statement is being worked on."""
    start, deadline = cpu_seconds(pid), time.monotonic() + 30
    while cpu_seconds(pid) - start < seconds:
        assert time.monotonic() < deadline, "the server never worked on the statement"
        await asyncio.sleep(0.01)


async def test_a_kill_in_a_query_and_before_a_commit_leaves_what_was_acknowledged_and_nothing_else(
    product: Product, caplog: pytest.LogCaptureFixture
) -> None:
    """One kill for both, because a server takes long to start again."""
    acknowledged = Mutation("first", INCREMENT.statement, INCREMENT.rows)
    await product.graph.mutate(acknowledged, always)
    asking = asyncio.create_task(product.graph.query(LONG, {}))
    await until_busy(product.pid, 0.2)

    def kill_and_approve(observed: list[list[Any]]) -> bool:
        assert observed == [[{"nodes": 2, "n": 4}]]
        product.kill()
        return True

    with pytest.raises(TransientPortError) as writing_failed:
        await product.graph.mutate(replace(INCREMENT, queries=[TOTAL]), kill_and_approve)
    with pytest.raises(TransientPortError) as asking_failed:
        await asking
    assert {writing_failed.value.code, asking_failed.value.code} == {"graph.unreachable"}
    assert caplog.records == []

    await product.restart()
    assert await product.graph.query(TOTAL, {}) == [{"nodes": 2, "n": 2}]
    assert (await product.graph.mutate(acknowledged, always)).repeated is True
    assert (await product.graph.mutate(INCREMENT, always)).repeated is False
    assert (await product.graph.mutate(INCREMENT, always)).repeated is True
    assert await product.graph.query(TOTAL, {}) == [{"nodes": 2, "n": 4}]


async def test_a_commit_whose_acknowledgement_is_lost_is_found_by_the_next_try(product: Product) -> None:
    address = product.address
    async with AcknowledgementLoser(int(address.url.rpartition(":")[2])) as proxy:
        graph = BoltGraph(replace(address, url=proxy.url))
        try:
            with pytest.raises(TransientPortError) as caught:
                await graph.mutate(INCREMENT, always)
            assert caught.value.code == "graph.unreachable"
            assert proxy.lost == 1
            assert (await graph.mutate(INCREMENT, always)).repeated is True
        finally:
            await graph.close()
    assert await product.graph.query(TOTAL, {}) == [{"nodes": 2, "n": 2}]


async def test_a_server_that_stops_answering_is_given_up_after_the_time_out(product: Product) -> None:
    connected, fresh = (BoltGraph(product.address, timeout=0.5) for _ in range(2))
    assert await connected.query("RETURN 1 AS n", {}) == [{"n": 1}]
    os.kill(product.pid, signal.SIGSTOP)
    try:
        asked = (graph.query("RETURN 1 AS n", {}) for graph in (connected, fresh))
        errors = await asyncio.gather(*asked, return_exceptions=True)
        await fresh.close()
    finally:
        os.kill(product.pid, signal.SIGCONT)
    assert [(type(error), getattr(error, "code", "")) for error in errors] == [
        (TransientPortError, "graph.unreachable")
    ] * 2
    assert await connected.query("RETURN 2 AS n", {}) == [{"n": 2}]
    await connected.close()


async def test_a_wrong_password_is_refused_and_appears_in_no_message(product: Product) -> None:
    address = product.address
    graph = BoltGraph(replace(address, writer=Account(address.writer.user, "wrong-secret"), reader=None))
    try:
        with pytest.raises(PermanentPortError) as caught:
            await graph.query("RETURN 1 AS n", {})
    finally:
        await graph.close()
    assert caught.value.code == "graph.auth"
    assert "wrong-secret" not in repr(caught.value)
    assert address.writer.password not in repr(address)


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
async def test_a_server_that_is_not_there_is_a_transient_error(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPH_PASSWORD", "secret")
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(
        TransientPortError, match=r"cannot be reached: .*; check its address and that it runs"
    ) as caught:
        await open_graph(f"{scheme}://127.0.0.1:{port}", data_folder=tmp_path, password="env:GRAPH_PASSWORD")
    assert caught.value.code == "graph.unreachable"
