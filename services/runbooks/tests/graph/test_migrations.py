"""Migrations over every product: what they make, once and in order, and what stops them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from runbooks.adapters.graph.bolt import BoltGraph
from runbooks.adapters.graph.migrations import MIGRATIONS, applied, migrate
from runbooks.errors import PermanentPortError

from services.runbooks.tests.graph.products import Product

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

IDS = [migration.id for migration in MIGRATIONS]
UNIQUE = sorted({pair for migration in MIGRATIONS for pair in migration.unique})


@pytest_asyncio.fixture(loop_scope="session")
async def bare(product: Product) -> AsyncIterator[BoltGraph]:
    """A graph as a stranger's: without nodes and without anything that a migration makes."""
    graph = product.graph
    await drop_schema(graph)
    yield graph
    # The server serves other tests too.
    await product.empty()
    await migrate(graph)


async def drop_schema(graph: BoltGraph) -> None:
    for label, prop in [("RunbookMigration", "id"), *UNIQUE]:
        await graph.execute(f"DROP CONSTRAINT runbooks_{label}_{prop}_unique IF EXISTS", {})
    for label, prop in {pair for migration in MIGRATIONS for pair in migration.indexed}:
        await graph.execute(f"DROP INDEX runbooks_{label}_{prop} IF EXISTS", {})


async def create(graph: BoltGraph, label: str, prop: str, value: str) -> None:
    await graph.load(f"UNWIND $rows AS row CREATE (n:{label} {{{prop}: row.value}})", [{"value": value}])


async def test_all_are_applied_in_order_and_recorded_with_their_time(bare: BoltGraph) -> None:
    assert await applied(bare) == []
    assert await migrate(bare) == IDS
    found = await applied(bare)
    assert [item.id for item in found] == IDS == sorted(IDS)
    assert all(item.at.endswith("Z") and len(item.at) == 20 for item in found)
    assert await migrate(bare) == []
    assert await applied(bare) == found


async def test_what_they_make_unique_is_unique_afterwards(bare: BoltGraph) -> None:
    await migrate(bare)
    for label, prop in UNIQUE:
        await create(bare, label, prop, "same")
        await create(bare, label, prop, "other")
        with pytest.raises(PermanentPortError) as caught:
            await create(bare, label, prop, "same")
        assert caught.value.code == "graph.constraint", label


async def test_nodes_without_the_property_are_left_alone(bare: BoltGraph) -> None:
    await migrate(bare)
    await bare.load("UNWIND $rows AS row CREATE (:Entity {name: row.name})", [{"name": "a"}, {"name": "b"}])
    assert await bare.query("MATCH (e:Entity) WHERE e.id IS NULL RETURN count(e) AS n", {}) == [{"n": 2}]


async def test_processes_that_race_apply_each_once(bare: BoltGraph, product: Product) -> None:
    racers = [BoltGraph(product.address) for _ in range(4)]
    try:
        told = await asyncio.gather(*(migrate(racer) for racer in racers))
    finally:
        for racer in racers:
            await racer.close()
    assert sorted(one for ids in told for one in ids) == IDS
    assert [item.id for item in await applied(bare)] == IDS


async def test_one_that_was_interrupted_before_its_record_is_applied_again(bare: BoltGraph) -> None:
    await migrate(bare)
    last: dict[str, Any] = {"last": IDS[-1]}
    await bare.execute("MATCH (m:RunbookMigration {id: $last}) DELETE m", last)
    assert await migrate(bare) == IDS[-1:]


async def test_a_graph_of_a_later_version_is_refused_and_not_touched(bare: BoltGraph) -> None:
    await create(bare, "RunbookMigration", "id", "9999-later")
    with pytest.raises(PermanentPortError, match=r"9999-later, which this version does not know.* or a later one") as (
        caught
    ):
        await migrate(bare)
    assert caught.value.code == "graph.newer"
    assert await bare.query("MATCH (m:RunbookMigration) RETURN m.id AS id", {}) == [{"id": "9999-later"}]


async def test_data_that_are_there_twice_are_named_and_stay(bare: BoltGraph) -> None:
    rows = [{"id": "twin"}, {"id": "twin"}, {"id": "trio"}, {"id": "trio"}, {"id": "trio"}, {"id": "one"}]
    await bare.load("UNWIND $rows AS row CREATE (:Document {id: row.id})", rows)
    with pytest.raises(PermanentPortError, match=r"Document\.id .* 'trio' \(3 nodes\), 'twin' \(2 nodes\); ") as caught:
        await migrate(bare)
    assert caught.value.code == "graph.constraint"
    assert [item.id for item in await applied(bare)] == IDS[:1], "those before it are done"
    assert await bare.query("MATCH (d:Document) RETURN count(d) AS n", {}) == [{"n": 6}]
    await bare.execute("MATCH (d:Document) DETACH DELETE d", {})
    assert await migrate(bare) == IDS[1:]


async def test_a_graph_whose_own_index_is_in_the_way_says_so(bare: BoltGraph, product: Product) -> None:
    """Neo4j makes no constraint beside an index on the same property; ArcadeDB makes the index unique."""
    await bare.execute("CREATE INDEX mine IF NOT EXISTS FOR (e:Entity) ON (e.id)", {})
    try:
        if type(product).__name__ == "ArcadeDb":
            assert await migrate(bare) == IDS
            return
        with pytest.raises(PermanentPortError, match=r"migration 0002-identities failed: .*index") as caught:
            await migrate(bare)
        assert caught.value.code == "graph.failed"
    finally:
        await bare.execute("DROP INDEX mine IF EXISTS", {})
    assert await migrate(bare) == IDS[1:]


async def test_a_number_and_its_text_are_one_id_or_two_as_the_product_has_it(bare: BoltGraph, product: Product) -> None:
    """The difference for which docs/adr/0004 tells authors that ids are text."""
    await migrate(bare)
    await bare.execute("CREATE (:Entity {id: 1})", {})
    if type(product).__name__ != "ArcadeDb":
        await create(bare, "Entity", "id", "1")
        return
    with pytest.raises(PermanentPortError) as caught:
        await create(bare, "Entity", "id", "1")
    assert caught.value.code == "graph.constraint"
