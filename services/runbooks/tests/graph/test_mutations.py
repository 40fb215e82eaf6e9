"""The contract of `GraphStore.mutate`, over every product: all rows or none, and one effect for one key."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from runbooks.adapters.graph.bolt import BoltGraph
from runbooks.errors import PermanentPortError
from runbooks.ports import Mutation, MutationOutcome

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

SET_EMAIL = "MATCH (e:Entity {id: $id}) SET e.email = $email"
INCREMENT = "MATCH (e:Entity {id: $id}) SET e.count = coalesce(e.count, 0) + 1"
DIVIDE = "MATCH (e:Entity {id: $id}) SET e.count = 10 / $by"
COMPLETENESS = "MATCH (e:Entity) RETURN count(e) as total, count(e.email) as complete"


def always(observed: list[list[Any]]) -> bool:
    return True


def never(observed: list[list[Any]]) -> bool:
    return False


def emails(count: int) -> list[dict[str, Any]]:
    return [{"id": f"e{number}", "email": f"e{number}@example.org"} for number in range(count)]


async def fill(graph: BoltGraph, count: int) -> None:
    await graph.load("UNWIND $rows AS row CREATE (e:Entity {id: row.id})", emails(count))


async def receipts(graph: BoltGraph) -> int:
    rows = await graph.query("MATCH (r:RunbookReceipt) RETURN count(r) AS n", {})
    return int(rows[0]["n"])


async def total_of(graph: BoltGraph, prop: str) -> int:
    rows = await graph.query(f"MATCH (e:Entity) RETURN coalesce(sum(e.{prop}), 0) AS n", {})
    return int(rows[0]["n"])


async def test_all_rows_are_written_and_the_approval_sees_them_before_the_commit(graph: BoltGraph) -> None:
    await fill(graph, 4)
    seen: list[list[list[Any]]] = []

    def approve(observed: list[list[Any]]) -> bool:
        seen.append(observed)
        return True

    outcome = await graph.mutate(Mutation("k", SET_EMAIL, emails(3), [COMPLETENESS, "RETURN 1 AS one"]), approve)
    expected = [[{"total": 4, "complete": 3}], [{"one": 1}]]
    assert outcome == MutationOutcome(rows=3, observed=expected, committed=True, repeated=False)
    assert seen == [expected]
    assert await graph.query(COMPLETENESS, {}) == expected[0]
    assert await receipts(graph) == 1


async def test_a_repeated_key_changes_nothing_and_returns_the_first_outcome(graph: BoltGraph) -> None:
    await fill(graph, 2)
    mutation = Mutation("k", INCREMENT, emails(2), [COMPLETENESS, "RETURN 'ü' AS text, null AS nothing, 0.5 AS half"])
    first = await graph.mutate(mutation, always)
    again = await graph.mutate(mutation, never)
    assert again == MutationOutcome(first.rows, first.observed, committed=True, repeated=True)
    assert await total_of(graph, "count") == 2
    assert await receipts(graph) == 1


async def test_a_refused_mutation_leaves_no_trace_and_may_be_tried_again(graph: BoltGraph) -> None:
    await fill(graph, 3)
    mutation = Mutation("k", SET_EMAIL, emails(3), [COMPLETENESS])
    refused = await graph.mutate(mutation, never)
    assert refused == MutationOutcome(rows=0, observed=[[{"total": 3, "complete": 3}]], committed=False)
    assert await graph.query(COMPLETENESS, {}) == [{"total": 3, "complete": 0}]
    assert await receipts(graph) == 0
    assert (await graph.mutate(mutation, always)).repeated is False
    assert await graph.query(COMPLETENESS, {}) == [{"total": 3, "complete": 3}]


async def test_nodes_and_relationships_of_a_refused_mutation_are_gone(graph: BoltGraph) -> None:
    await fill(graph, 2)
    statement = "MATCH (a:Entity {id: 'e0'}), (b:Entity {id: 'e1'}) CREATE (a)-[:SAME]->(:Alias {id: 'x'})-[:SAME]->(b)"
    count = "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN count(DISTINCT n) AS nodes, count(r) AS links"
    refused = await graph.mutate(Mutation("k", statement, [{}], [count]), never)
    assert refused.observed == [[{"nodes": 3, "links": 2}]]
    assert await graph.query(count, {}) == [{"nodes": 2, "links": 0}]


async def test_what_the_approval_raises_is_raised_and_everything_is_rolled_back(graph: BoltGraph) -> None:
    await fill(graph, 2)

    def fail(observed: list[list[Any]]) -> bool:
        raise KeyError("the judge is broken")

    with pytest.raises(KeyError, match="the judge is broken"):
        await graph.mutate(Mutation("k", SET_EMAIL, emails(2)), fail)
    assert await graph.query(COMPLETENESS, {}) == [{"total": 2, "complete": 0}]
    assert await receipts(graph) == 0


@pytest.mark.parametrize(
    ("statement", "rows", "queries", "code"),
    [
        (DIVIDE, [{"id": "e0", "by": 5}, {"id": "e1", "by": 0}], [], "graph.failed"),
        (SET_EMAIL, [{"id": "e0", "email": "x"}, {"id": "e1"}], [], "graph.parameter"),
        (SET_EMAIL, [{"id": "e0", "email": "x"}, {"id": "e1", "email": 2**64}], [], "graph.parameter"),
        ("MATCH (e:Entity {id: $id}) SETT e.x = 1", [{"id": "e0"}], [], "graph.syntax"),
        (SET_EMAIL, emails(2), ["MATCH (e:Entity) SET e.email = 'all' RETURN e.id AS id"], "graph.read_only"),
        (SET_EMAIL, emails(2), ["RETURN 9007199254740992 AS big"], "graph.value"),
        (SET_EMAIL, emails(2), ["CREATE INDEX late IF NOT EXISTS FOR (e:Entity) ON (e.late)"], "graph.refused"),
        ("CREATE INDEX late IF NOT EXISTS FOR (e:Entity) ON (e.late)", [{}], [], "graph.refused"),
        ("UNWIND [1, 2] AS n CALL { WITH n CREATE (:Entity) } IN TRANSACTIONS OF 1 ROWS", [{}], [], "graph.refused"),
    ],
)  # fmt: skip
async def test_a_mutation_that_fails_anywhere_writes_nothing(
    graph: BoltGraph, statement: str, rows: list[dict[str, Any]], queries: list[str], code: str
) -> None:
    await fill(graph, 2)
    before = await graph.query("MATCH (e) RETURN e ORDER BY e.id", {})
    with pytest.raises(PermanentPortError) as caught:
        await graph.mutate(Mutation("k", statement, rows, queries), always)
    assert caught.value.code == code
    assert await graph.query("MATCH (e) RETURN e ORDER BY e.id", {}) == before


async def test_a_violated_constraint_of_the_graph_is_not_mistaken_for_a_receipt(graph: BoltGraph) -> None:
    await graph.load("UNWIND $rows AS row CREATE (:RunbookReceipt {key: row.key, outcome: 'x'})", [{"key": "other"}])
    statement = "CREATE (:RunbookReceipt {key: $key})"
    with pytest.raises(PermanentPortError) as caught:
        await graph.mutate(Mutation("k", statement, [{"key": "other"}]), always)
    assert caught.value.code == "graph.constraint"


async def test_an_empty_mutation_still_leaves_its_receipt(graph: BoltGraph) -> None:
    mutation = Mutation("k", SET_EMAIL, [], [COMPLETENESS])
    assert (await graph.mutate(mutation, always)).rows == 0
    assert (await graph.mutate(mutation, always)).repeated is True


async def test_eight_writers_with_one_key_have_one_effect(graph: BoltGraph) -> None:
    await fill(graph, 5)
    mutation = Mutation("k", INCREMENT, emails(5), ["MATCH (e:Entity) RETURN sum(e.count) AS n"])
    outcomes = await asyncio.gather(*(graph.mutate(mutation, always) for _ in range(8)))
    assert [outcome.observed for outcome in outcomes] == [[[{"n": 5}]]] * 8
    assert sorted(outcome.repeated for outcome in outcomes) == [False] + [True] * 7
    assert await total_of(graph, "count") == 5
    assert await receipts(graph) == 1


async def test_eight_writers_of_different_keys_all_commit(graph: BoltGraph) -> None:
    await fill(graph, 160)
    rows = emails(160)
    mutations = [Mutation(f"k{number}", SET_EMAIL, rows[number::8]) for number in range(8)]
    outcomes = await asyncio.gather(*(graph.mutate(mutation, always) for mutation in mutations))
    assert [outcome.rows for outcome in outcomes] == [20] * 8
    assert await graph.query(COMPLETENESS, {}) == [{"total": 160, "complete": 160}]
    assert await receipts(graph) == 8


async def test_eight_writers_of_one_node_lose_no_increment(graph: BoltGraph) -> None:
    await fill(graph, 1)
    mutations = [Mutation(f"k{number}", INCREMENT, [{"id": "e0"}]) for number in range(8)]
    await asyncio.gather(*(graph.mutate(mutation, always) for mutation in mutations))
    assert await total_of(graph, "count") == 8


async def test_a_thousand_rows_are_one_transaction(graph: BoltGraph) -> None:
    await fill(graph, 1000)
    outcome = await graph.mutate(Mutation("k", SET_EMAIL, emails(1000), [COMPLETENESS]), always)
    assert outcome.rows == 1000
    assert outcome.observed == [[{"total": 1000, "complete": 1000}]]
