"""The contract of `GraphStore.query`, over every product: values, order, refusals."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from runbooks.adapters.graph.bolt import BoltGraph
from runbooks.errors import PermanentPortError
from runbooks.ports import Mutation

from services.runbooks.tests.graph.products import Product

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

PEOPLE: list[dict[str, Any]] = [
    {"id": "p1", "name": "Ada", "email": None, "age": 36, "score": 0.5, "tags": ["math", "code"]},
    {"id": "p2", "name": "Émile", "email": "emile@example.org", "age": 41, "score": 1.25, "tags": []},
    {"id": "p3", "name": "Chen 陳", "email": "chen@example.org", "age": None, "score": None, "tags": ["code"]},
]
KNOWS: list[dict[str, Any]] = [
    {"from": "p1", "to": "p2", "since": 1840},
    {"from": "p2", "to": "p3", "since": 2001},
    {"from": "p1", "to": "p3", "since": 1999},
]

ENTITIES: list[dict[str, Any]] = [
    {"id": "a1", "kind": "actor", "name": "Hafnium"},
    {"id": "a2", "kind": "actor", "name": "Ember"},
    {"id": "a3", "kind": "actor", "name": "Ärger"},
    {"id": "s1", "kind": "software", "name": "GoldMax"},
    {"id": "s2", "kind": "software", "name": "Sibot"},
    {"id": "s3", "kind": "software", "name": "agent"},
]
DOCUMENTS: list[dict[str, Any]] = [
    {"id": "d1", "evidence": True, "publishedOn": "2021-02-28", "publishedIn": "2021-02"},
    {"id": "d2", "evidence": True, "publishedOn": "2021-03-01", "publishedIn": "2021-03"},
    {"id": "d3", "evidence": True, "publishedOn": "2021-03-07", "publishedIn": "2021-03"},
    {"id": "d4", "evidence": True, "publishedOn": "2021-03-08", "publishedIn": "2021-03"},
    {"id": "d5", "evidence": True, "publishedIn": "2021-03"},
    {"id": "d6", "evidence": False},
]
MENTIONS = "a1-d1 a1-d2 s1-d1 s1-d2 s2-d2 a2-d3 s2-d3 s3-d4 a2-d4 a2-d5 s1-d5 a3-d6 s3-d6"
USES = (
    "MATCH (a:Entity {id: $actor}) MATCH (s:Entity {id: $software}) "
    "MERGE (a)-[u:USES]->(s) SET u.probability = $probability, u.model = $model"
)

# Portable openCypher: graph, statement, parameters, rows. A line of the file is a promise to the authors of runbooks.
CORPUS = [json.loads(line) for line in Path(__file__).with_name("portable.jsonl").read_text("utf-8").splitlines()]


async def fill(graph: BoltGraph) -> None:
    await graph.load("UNWIND $rows AS row CREATE (e:Entity) SET e = row", PEOPLE)
    await graph.load(
        "UNWIND $rows AS row MATCH (a:Entity {id: row.from}), (b:Entity {id: row.to}) "
        "CREATE (a)-[:KNOWS {since: row.since}]->(b)",
        KNOWS,
    )


async def fill_mentions(graph: BoltGraph) -> None:
    await graph.load("UNWIND $rows AS row CREATE (e:Entity) SET e = row", ENTITIES)
    await graph.load("UNWIND $rows AS row CREATE (d:Document) SET d = row", DOCUMENTS)
    await graph.load(
        "UNWIND $rows AS row MATCH (e:Entity {id: row.entity}), (d:Document {id: row.document}) "
        "CREATE (e)-[:MENTIONED_IN]->(d)",
        [dict(zip(("entity", "document"), pair.split("-"), strict=True)) for pair in MENTIONS.split()],
    )
    row = {"actor": "a1", "software": "s1", "probability": 0.95, "model": "m1"}
    await graph.mutate(Mutation("uses", USES, [row]), lambda observed: True)


@pytest.mark.parametrize(("name", "filled"), [("people", fill), ("mentions", fill_mentions)])
async def test_every_product_answers_the_portable_statements_alike(
    name: str, filled: Callable[[BoltGraph], Awaitable[None]], graph: BoltGraph
) -> None:
    await filled(graph)
    corpus = [line for line in CORPUS if line["graph"] == name]
    assert len(corpus) > 40
    answers = [{**line, "rows": await graph.query(line["cypher"], line["parameters"])} for line in corpus]
    assert answers == corpus


async def test_a_relationship_that_is_merged_again_is_one_with_the_later_properties(graph: BoltGraph) -> None:
    await fill_mentions(graph)
    again = {"actor": "a1", "software": "s1", "probability": 0.5, "model": None}
    new = {"actor": "a2", "software": "s3", "probability": 0.75, "model": "m2"}
    rows = [again, new, {**new, "actor": "nobody"}]
    counted = "MATCH (a:Entity)-[u:USES]->(s:Entity) RETURN a.id AS actor, s.id AS software, u AS uses ORDER BY actor"
    expected = [
        {"actor": "a1", "software": "s1", "uses": {"probability": 0.5}},
        {"actor": "a2", "software": "s3", "uses": {"probability": 0.75, "model": "m2"}},
    ]
    outcome = await graph.mutate(Mutation("again", USES, rows, [counted]), lambda observed: True)
    assert outcome.observed == [expected]
    assert await graph.query(counted, {}) == expected


async def test_a_node_and_a_relationship_are_their_properties(graph: BoltGraph) -> None:
    await fill(graph)
    rows = await graph.query("MATCH (e:Entity {id: 'p2'})-[r]->() RETURN e, r", {})
    assert rows == [
        {
            "e": {"id": "p2", "name": "Émile", "email": "emile@example.org", "age": 41, "score": 1.25, "tags": []},
            "r": {"since": 2001},
        }
    ]


async def test_an_import_makes_nodes_that_its_index_then_finds(graph: BoltGraph) -> None:
    rows = [{"id": f"n{number}", "number": number} for number in range(2500)]
    assert await graph.load("UNWIND $rows AS row MERGE (e:Entity {id: row.id}) SET e.number = row.number", rows) == 2500
    assert await graph.load("UNWIND $rows AS row MERGE (e:Entity {id: row.id}) SET e.number = row.number", rows) == 2500
    assert await graph.query("MATCH (e:Entity) RETURN count(e) AS n, sum(e.number) AS s", {}) == [
        {"n": 2500, "s": 2500 * 2499 // 2}
    ]
    assert await graph.query("MATCH (e:Entity {id: 'n2499'}) RETURN e.number AS number", {}) == [{"number": 2499}]


@pytest.mark.parametrize(
    ("statement", "column"),
    [
        ("RETURN 1 AS fine, 9007199254740992 AS big", "big"),
        ("RETURN -9007199254740992 AS big", "big"),
        ("RETURN [1, {deep: 9007199254740992}] AS list", "list[1].deep"),
        ("RETURN 0.0 / 0 AS nan", "nan"),
        ("RETURN 1.0 / 0 AS infinite", "infinite"),
        ("CREATE (n:Node) WITH n MATCH p = (n) RETURN p AS path", "path"),
        ("RETURN point({x: 1, y: 2}) AS place", "place"),
    ],
)
async def test_a_value_that_json_cannot_hold_is_refused_by_its_column(
    graph: BoltGraph, statement: str, column: str
) -> None:
    if statement.startswith("CREATE"):
        await graph.load("UNWIND $rows AS row CREATE (:Node)", [{}])
        statement = "MATCH path = (:Node) RETURN path"
    with pytest.raises(PermanentPortError, match=f"^column {column.replace('[', '.')}".replace("]", ".")) as caught:
        await graph.query(statement, {})
    assert caught.value.code == "graph.value"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE (:Entity {id: 'new'})",
        "MATCH (e:Entity) SET e.email = 'x'",
        "MATCH (e:Entity {id: 'nobody'}) SET e.email = 'x'",
        "MATCH (e:Entity) REMOVE e.name",
        "MATCH (e:Entity) DETACH DELETE e",
        "MERGE (e:Entity {id: 'p1'}) RETURN e.id AS id",
        "MERGE (e:Entity {id: 'new'}) RETURN e.id AS id",
        "CALL { CREATE (e:Entity {id: 'new'}) RETURN e } RETURN e.id AS id",
        "MATCH (e:Entity) CALL { WITH e SET e.name = 'x' RETURN 1 AS one } RETURN one",
        "FOREACH (n IN [1, 2] | CREATE (:Entity {id: n}))",
        "CREATE (:NewLabel)",
    ],
)
async def test_a_query_that_writes_is_refused_and_writes_nothing(graph: BoltGraph, statement: str) -> None:
    await fill(graph)
    before = await graph.query("MATCH (e) RETURN e ORDER BY e.id", {})
    with pytest.raises(PermanentPortError) as caught:
        await graph.query(statement, {})
    assert caught.value.code == "graph.read_only"
    assert await graph.query("MATCH (e) RETURN e ORDER BY e.id", {}) == before


async def test_even_the_writing_account_writes_nothing_through_a_query(product: Product) -> None:
    address = product.address
    alone = BoltGraph(replace(address, reader=None))
    try:
        for statement in ("CREATE (:Entity {id: 'new'})", "MERGE (e:Entity {id: 'new'}) RETURN e.id AS id"):
            with pytest.raises(PermanentPortError) as caught:
                await alone.query(statement, {})
            assert caught.value.code == "graph.read_only"
        assert await alone.query("MATCH (e) RETURN count(e) AS n", {}) == [{"n": 0}]
    finally:
        await alone.close()


@pytest.mark.parametrize(
    ("statement", "parameters", "code", "message"),
    [
        ("MATCH (e RETURN e", {}, "graph.syntax", r"\(line 1, column 10\)$"),
        ("RETURN 1 AS n\nRETURM 2", {}, "graph.syntax", r"line 2, column 1\)$"),
        ("RETURN unknown_name", {}, "graph.syntax", "unknown_name"),
        ("RETURN nothing(1) AS x", {}, "graph.syntax", "nothing"),
        ("RETURN 1 AS x, 2 AS x", {}, "graph.syntax", "(?i)column"),
        ("RETURN 1 AS x; RETURN 2 AS y", {}, "graph.syntax", "."),
        ("", {}, "graph.syntax", "empty"),
        ("RETURN $here AS x, $gone AS y", {"here": 1}, "graph.parameter", "gone"),
        ("RETURN $x AS x", {"x": 2**64}, "graph.parameter", "out of range"),
        ("RETURN 1 / 0 AS x", {}, "graph.failed", "zero"),
        ("CALL no.such.procedure()", {}, "graph.failed", "no.such.procedure"),
        ("LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line", {}, "graph.refused", "LOAD CSV"),
        ("SHOW USERS", {}, "graph.refused", "command"),
    ],
)
async def test_a_statement_that_cannot_run_says_why(
    graph: BoltGraph, statement: str, parameters: dict[str, Any], code: str, message: str
) -> None:
    with pytest.raises(PermanentPortError, match=message) as caught:
        await graph.query(statement, parameters)
    assert caught.value.code == code
    assert "\n" not in str(caught.value)


async def test_an_address_with_routing_reaches_the_server_too(product: Product) -> None:
    address = product.address
    routed = BoltGraph(replace(address, url=address.url.replace("bolt://", "neo4j://")))
    try:
        await routed.load("UNWIND $rows AS row CREATE (:Entity {id: row.id})", [{"id": "a"}])
        assert await routed.query("MATCH (e:Entity) RETURN e.id AS id", {}) == [{"id": "a"}]
    finally:
        await routed.close()


async def test_a_result_beyond_the_limits_is_refused(product: Product) -> None:
    small = BoltGraph(product.address, max_rows=100, max_bytes=3000)
    try:
        assert len(await small.query("UNWIND range(1, 100) AS n RETURN n", {})) == 100
        for statement in ("UNWIND range(1, 101) AS n RETURN n", "RETURN range(1000, 1999) AS n"):
            with pytest.raises(PermanentPortError, match="more than 100 rows or 3000 bytes") as caught:
                await small.query(statement, {})
            assert caught.value.code == "graph.too_large"
        assert await small.query("RETURN 1 AS n", {}) == [{"n": 1}]
    finally:
        await small.close()


async def test_a_statement_beyond_the_time_out_is_stopped(product: Product) -> None:
    async with product.with_timeout(1.0) as graph:
        with pytest.raises(PermanentPortError, match="longer than the time-out") as caught:
            await graph.query("UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN sum(a * b) AS n", {})
        assert caught.value.code == "graph.timeout"
        assert await graph.query("RETURN 1 AS n", {}) == [{"n": 1}]
