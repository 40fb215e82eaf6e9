"""Puts the demo graph, or a small sample, into any graph that speaks openCypher.

Nodes are merged by id and get exactly the demo's properties, so a second import gives the same graph again: what R1 has
filled in is taken back. Nodes and relationships of others are not touched.
"""

from __future__ import annotations

__all__ = ["LoadableGraph", "load_demo", "load_seed_sample"]

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from runbooks.demo.copies import copied
from runbooks.demo.galaxies import demo_data

_SAMPLE = [{"id": "e1", "name": "Alice"}, {"id": "e2", "name": "Bob"}, {"id": "e3", "name": "Carol"}]

_ENTITIES = "UNWIND $rows AS row MERGE (node:Entity {id: row.id}) SET node = row"
_DOCUMENTS = "UNWIND $rows AS row MERGE (node:Document {id: row.id}) SET node = row"
_TECHNIQUES = "UNWIND $rows AS row MERGE (node:Technique {id: row.id}) SET node = row"
_MENTIONS = (
    "UNWIND $rows AS row MATCH (source:Entity {id: row.source}) MATCH (target:Document {id: row.target}) "
    "MERGE (source)-[:MENTIONED_IN]->(target)"
)
_USES = (
    "UNWIND $rows AS row MATCH (source:Entity {id: row.source}) MATCH (target:Entity {id: row.target}) "
    "MERGE (source)-[:USES]->(target)"
)
_EMPLOYS = (
    "UNWIND $rows AS row MATCH (source:Entity {id: row.source}) MATCH (target:Technique {id: row.target}) "
    "MERGE (source)-[:EMPLOYS]->(target)"
)
_STATEMENTS = {
    "entities": _ENTITIES,
    "documents": _DOCUMENTS,
    "techniques": _TECHNIQUES,
    "mentioned in": _MENTIONS,
    "uses": _USES,
    "employs": _EMPLOYS,
}


class LoadableGraph(Protocol):
    """What a graph must offer to be filled."""

    async def load(self, statement: str, rows: Iterable[dict[str, Any]], batch: int = 1000) -> int:
        """Run `UNWIND $rows AS row …`, a batch at a time; returns the number of rows."""
        ...


async def load_demo(
    graph: LoadableGraph, progress: Callable[[str, int], None] = lambda name, rows: None, *, copies: int = 1
) -> dict[str, int]:
    """Import everything; returns the number of rows by what they are, and tells `progress` after each of these.

    More than one of the `copies` is for measuring speed (`runbooks.demo.copies`); an import of fewer later leaves the
    others there. Raises SettingsError when the data are not installed, and the errors of the graph.
    """
    data = await asyncio.to_thread(demo_data)
    counts = {}
    for name, rows in copied(data, copies).items():
        counts[name] = await graph.load(_STATEMENTS[name], rows)
        progress(name, counts[name])
    return counts


async def load_seed_sample(graph: LoadableGraph) -> dict[str, int]:
    """Import three people without an e-mail address, for the smallest runbook; returns their number."""
    return {"entities": await graph.load(_ENTITIES, _SAMPLE)}
