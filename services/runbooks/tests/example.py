"""One runbook with a step of every kind, and a world in which it completes."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from runbooks.definition import Definition

from services.runbooks.tests.simulator import ApiSimulator, GraphSimulator, World, define, step

FIND = "MATCH (e:Entity) WHERE e.email IS NULL RETURN e.id AS id, e.name AS name"
COUNT = "MATCH (e:Entity) RETURN count(e) AS entities"
WRITE = "MATCH (e:Entity {id: $id}) SET e.email = $email"
MEASURE = "MATCH (e:Entity) RETURN count(e.email) AS filled, count(e) AS total"
API = "https://api.example.com/enrich"

ROWS = [{"id": "e2", "name": "Bob"}, {"id": "e1", "name": "Ann"}]
EMAILS = [{"id": "e1", "email": "ann@example.com"}, {"id": "e2", "email": "bob@example.com"}]

LICENCE = {
    "licenceId": "api",
    "version": "1",
    "title": "Terms",
    "resource": "api.example.com",
    "permit": ["enrichment"],
    "prohibit": [],
    "effectiveFrom": "2025-01-01T00:00:00Z",
    "effectiveTo": None,
    "status": "active",
    "terms": "Enrichment is permitted.",
}
PROVERS: dict[str, Any] = {
    "preconditions": {
        "authority:write": {"type": "opa", "policy": "acl.allow", "input": {"action": "write", "resource": "entity"}},
        "license:api": {"type": "license_registry", "check": "api.example.com allows enrichment"},
    },
    "postconditions": {
        "kpi:filled>=0.9": {"type": "metric", "query": MEASURE, "assertion": "filled / total >= 0.9"},
        "citations:each": {"type": "citations", "minimum": 2},
    },
}
SUMMARY = """{"claims": [{
  "claimId": "filled",
  "text": "Of " & found & " entities without an address, " & updated & " have one.",
  "citations": [{"stepId": "find", "pointer": ""}, {"stepId": "write", "pointer": "/updated"}]
}]}"""
STEPS = [
    step("count", "query", dependsOn=[], cypher=COUNT),
    step("find", "query", dependsOn=[], cypher=FIND),
    step("group", "aggregate", dependsOn=["find"], groupBy="$substring(name, 0, 1)", measures={"n": "$count($)"}),
    step("ask", "external_api", dependsOn=["find"], endpoint=API, preconditions=["license:api"]),
    step(
        "write",
        "mutation",
        dependsOn=["ask"],
        cypher=WRITE,
        preconditions=["authority:write"],
        postconditions=["kpi:filled>=0.9"],
    ),
    step("check", "assertion", dependsOn=["write"], postconditions=["kpi:filled>=0.9"]),
    step(
        "summarise",
        "transform",
        dependsOn=["check", "count", "group", "write", "find"],
        inputs={"found": "$count(steps.find)", "updated": "steps.write.updated"},
        expression=SUMMARY,
        postconditions=["citations:each"],
    ),
    step("export", "export", dependsOn=["summarise"], file="summary.json"),
]


def example(**changes: dict[str, Any]) -> Definition:
    """The runbook; `changes` updates steps by their id."""
    steps = copy.deepcopy(STEPS)
    for item in steps:
        item.update(changes.get(item["stepId"], {}))
    return define(*steps, provers=PROVERS)


def example_world(home: Path, *, filled: int = 2, graph: Any = None, api: Any = None) -> World:
    """Where the runbook completes, or with fewer `filled` entities is blocked by its KPI."""
    replies = {
        FIND: [ROWS],
        COUNT: [[{"entities": 2}]],
        WRITE: [None],
        MEASURE: [[{"filled": filled, "total": 2}]],
        **(graph or {}),
    }
    return World(
        home,
        graph=GraphSimulator(replies),
        api=ApiSimulator({API: [EMAILS], **(api or {})}),
        licences={"licences": [LICENCE]},
    )
