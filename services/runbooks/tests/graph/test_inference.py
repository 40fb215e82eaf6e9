"""R2's statements over every product: what they count, and what they write, is the same wherever the graph is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from runbooks.adapters.graph.bolt import BoltGraph
from runbooks.demo.load import load_demo
from runbooks.ports import Mutation, MutationOutcome

from services.runbooks.training.co_mentions import CoMentions
from services.runbooks.training.dataset import load_dataset

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

R2: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "templates" / "R2-relationship-inference.json").read_bytes()
)
STATEMENTS: dict[str, str] = {step["stepId"]: step["cypher"] for step in R2["steps"] if "cypher" in step}
METRICS = {name: claim["query"] for name, claim in R2["provers"]["postconditions"].items() if "query" in claim}

# Names as people write them: right-to-left marks, emoji, quotes, a statement that wants to be one.
NAMES = {
    "a1": "\u200fאריה“\u200e",
    "a2": "🐼 Panda's",
    "s1": "'); MATCH (n) DETACH DELETE n //",
    "s2": '\\"quoted\\" `back`',
    "s3": "e\u0301\u00a0",
}
DOCUMENTS = {
    "example.com/é?q='1'": ["a1", "s1"],
    "example.com/two": ["a1", "a2", "s1", "s2"],
    "example.com/own": ["a1"],
    "example.com/\U0001f600": ["s1", "a2"],
    "kept.example.org/base": ["a1", "s3"],
}
MODEL = "sha256:" + "ab" * 32


def kind(name: str) -> str:
    return "actor" if name.startswith("a") else "software"


async def fill(graph: BoltGraph) -> None:
    entities = [{"id": name, "kind": kind(name), "name": text} for name, text in NAMES.items()]
    documents = [{"id": name, "evidence": not name.startswith("kept")} for name in DOCUMENTS]
    mentions = [{"source": name, "target": item} for item, names in DOCUMENTS.items() for name in names]
    for statement, rows in (
        ("UNWIND $rows AS row CREATE (n:Entity {id: row.id, kind: row.kind, name: row.name})", entities),
        ("UNWIND $rows AS row CREATE (n:Document {id: row.id, evidence: row.evidence})", documents),
        (
            "UNWIND $rows AS row MATCH (s:Entity {id: row.source}) MATCH (t:Document {id: row.target}) "
            "CREATE (s)-[:MENTIONED_IN]->(t)",
            mentions,
        ),
        (
            "UNWIND $rows AS row MATCH (s:Entity {id: row.source}) MATCH (t:Entity {id: row.target}) "
            "CREATE (s)-[:USES]->(t)",
            [{"source": "a2", "target": "s2"}],
        ),
    ):
        await graph.load(statement, rows)


async def candidates(graph: BoltGraph) -> list[dict[str, Any]]:
    pages = await graph.query(STATEMENTS["pages"], {})
    return [row for page in pages for row in await graph.query(STATEMENTS["candidates"], page)]


async def test_the_counts_are_those_of_the_training(graph: BoltGraph) -> None:
    await fill(graph)
    evidence = {item: names for item, names in DOCUMENTS.items() if not item.startswith("kept")}
    naive = CoMentions(
        {name: kind(name) for name in NAMES}, [(name, item) for item, names in evidence.items() for name in names]
    )
    assert await candidates(graph) == [
        {
            "actor": actor,
            "actorName": NAMES[actor],
            "software": software,
            "softwareName": NAMES[software],
            **naive.counts((actor, software)),
            "evidence": naive.shared((actor, software)),
            "known": int((actor, software) == ("a2", "s2")),
        }
        for actor, software in naive.candidates()
    ]


async def test_an_empty_graph_has_no_page_and_no_candidate(graph: BoltGraph) -> None:
    assert await graph.query(STATEMENTS["pages"], {}) == []
    assert await graph.query(STATEMENTS["candidates"], {"first": "", "until": None}) == []


async def test_the_whole_demo_graph_gives_the_counts_of_the_training(graph: BoltGraph) -> None:
    await load_demo(graph)
    data = load_dataset()
    rows = await candidates(graph)
    assert [(row["actor"], row["software"]) for row in rows] == data.graph.candidates()
    for row in rows:
        pair = (row["actor"], row["software"])
        counts = data.graph.counts(pair)
        assert {name: row[name] for name in counts} == counts
        assert row["evidence"] == data.graph.shared(pair)
        assert row["known"] == (pair in data.uses)


def inferred(*pairs: tuple[str, str], confidence: float = 0.912345) -> list[dict[str, Any]]:
    return [
        {
            "actor": actor,
            "software": software,
            "confidence": confidence,
            "evidence": sorted(item for item, names in DOCUMENTS.items() if {actor, software} <= set(names)),
            "model": MODEL,
            "relationships": len(pairs),
            "executionId": "R2-1",
        }
        for actor, software in pairs
    ]


async def write(graph: BoltGraph, key: str, rows: list[dict[str, Any]]) -> MutationOutcome:
    """As the runner does it: the metric of the step decides inside the transaction."""

    def approve(observed: list[list[Any]]) -> bool:
        [[row]] = observed
        return bool(row["intended"] - row["written"] <= 0)

    mutation = Mutation(key, STATEMENTS["write"], rows, [METRICS["kpi:missing<=0"]], {"executionId": "R2-1"})
    return await graph.mutate(mutation, approve)


async def test_what_is_written_is_read_back_and_written_once(graph: BoltGraph) -> None:
    await fill(graph)
    rows = inferred(("a1", "s1"), ("a2", "s1"))
    expected = [{name: row[name] for name in ("actor", "software", "confidence", "model", "evidence")} for row in rows]
    for key in ("first", "second"):
        outcome = await write(graph, key, rows)
        assert outcome.committed
        assert outcome.observed == [[{"intended": 2, "written": 2}]]
        found = await graph.query(STATEMENTS["read-back"], {"executionId": "R2-1"})
        assert sorted(found, key=lambda row: row["actor"]) == expected
    for query, answer in (
        ("kpi:unsound<=0", {"edges": 2, "sound": 2}),
        ("kpi:unresolved<=0", {"named": 4, "found": 4}),
    ):
        assert await graph.query(METRICS[query], {"executionId": "R2-1"}) == [answer]


async def test_an_entity_that_is_gone_leaves_nothing_written(graph: BoltGraph) -> None:
    await fill(graph)
    await graph.load("UNWIND $rows AS row MATCH (n:Entity {id: row.id}) DETACH DELETE n", [{"id": "s2"}])
    outcome = await write(graph, "k", inferred(("a1", "s1"), ("a1", "s2")))
    assert (outcome.committed, outcome.rows) == (False, 0)
    assert outcome.observed == [[{"intended": 2, "written": 1}]]
    assert await graph.query(STATEMENTS["read-back"], {"executionId": "R2-1"}) == []
    assert await graph.query("MATCH (i:Inference) RETURN count(i) AS n", {}) == [{"n": 0}]


async def test_nothing_to_write_misses_nothing(graph: BoltGraph) -> None:
    await fill(graph)
    outcome = await write(graph, "k", [])
    assert outcome.committed
    assert outcome.observed == [[{"intended": 0, "written": 0}]]
    for query in ("kpi:unsound<=0", "kpi:unresolved<=0"):
        [row] = await graph.query(METRICS[query], {"executionId": "R2-1"})
        assert set(row.values()) == {0}


@pytest.mark.parametrize(
    ("change", "query"),
    [
        ("SET r.confidence = 1.5", "kpi:unsound<=0"),
        ("SET r.evidence = []", "kpi:unsound<=0"),
        ("SET r.evidence = ['example.com/nowhere']", "kpi:unresolved<=0"),
    ],
)
async def test_a_spoilt_relationship_is_counted(graph: BoltGraph, change: str, query: str) -> None:
    await fill(graph)
    await write(graph, "k", inferred(("a1", "s1"), ("a2", "s1")))
    spoil = f"MATCH (:Entity {{id: 'a1'}})-[r:INFERRED_RELATIONSHIP]->() {change}"
    await graph.load(f"UNWIND $rows AS row {spoil}", [{}])
    [row] = await graph.query(METRICS[query], {"executionId": "R2-1"})
    whole, sound = sorted(row.values(), reverse=True)
    assert whole - sound > 0
