"""Executions to make manifests of: one runbook that has every kind of step and prover, ended in every way.

What a step took and gave is written out by hand: the verifier's own arithmetic must not be its own reference.
"""

from __future__ import annotations

__all__ = ["blocked", "cancelled", "completed", "definition", "documents", "failed", "manifest_of"]

import copy
from typing import Any

from keyring import digest, digest_of, jcs
from maker import TIME, draft, proof, seal, step

Json = Any

COMPLETENESS = "MATCH (e) RETURN count(e.title) AS filled, count(e) AS fields"

DEFINITION: Json = {
    "runbookId": "R9",
    "name": "Every kind of step",
    "version": "1.0",
    "purpose": "enrichment",
    "steps": [
        {
            "stepId": "query-entities",
            "type": "query",
            "description": "Find the entities",
            "cypher": "MATCH (e) RETURN e.id AS id, e.kind AS kind, e.size AS size",
            "preconditions": ["authority:read"],
        },
        {
            "stepId": "fetch",
            "type": "external_api",
            "endpoint": "https://enrich.example.com/",
            "preconditions": ["authority:enrich", "license:enrichment"],
        },
        {
            "stepId": "count-kinds",
            "type": "aggregate",
            "dependsOn": ["query-entities"],
            "groupBy": "kind",
            "measures": {"n": "$count($)", "size": "$sum(size)"},
        },
        {
            "stepId": "update",
            "type": "mutation",
            "dependsOn": ["fetch"],
            "inputs": "steps.fetch",
            "cypher": "MATCH (e {id: $id}) SET e.title = $title",
            "postconditions": ["kpi:completeness>=0.5"],
        },
        {
            "stepId": "assert-completeness",
            "type": "assertion",
            "dependsOn": ["update"],
            "assert": "updated = 2",
            "postconditions": ["kpi:completeness>=0.5", "sla:large>1"],
        },
        {
            "stepId": "summarise",
            "type": "transform",
            "dependsOn": ["assert-completeness", "count-kinds", "fetch"],
            "inputs": {"kinds": "steps.`count-kinds`", "limit": "parameters.limit", "first": "steps.fetch[0].title"},
            "expression": (
                "{'claims': [{'claimId': 'kinds', 'text': $string($count(kinds)) & ' kinds; ' & first, 'value': limit,"
                " 'citations': [{'stepId': 'count-kinds', 'pointer': '/0/n'}, {'stepId': 'fetch', 'pointer': '/0'}]}]}"
            ),
            "postconditions": ["citations:each>=2"],
        },
        {
            "stepId": "publish",
            "type": "export",
            "file": "summary.json",
            "preconditions": ["license:publication"],
        },
    ],
    "provers": {
        "preconditions": {
            "authority:read": {
                "type": "opa",
                "policy": "test.allow",
                "input": {"action": "read", "resource": "entity"},
            },
            "license:enrichment": {"type": "license_registry", "check": "enrich.example.com allows enrichment"},
            "license:publication": {
                "type": "license_registry",
                "check": "enrich.example.com allows publication",
                "severity": "warn",
            },
        },
        "postconditions": {
            "kpi:completeness>=0.5": {"type": "metric", "query": COMPLETENESS, "assertion": "filled / fields >= 0.5"},
            "citations:each>=2": {"type": "citations", "minimum": 2},
        },
    },
}

REGISTRY: Json = {
    "preconditions": {
        "authority:enrich": {
            "type": "opa",
            "policy": "test.allow",
            "input": {"action": "enrich", "resource": "entity", "level": 2},
        }
    },
    "postconditions": {
        "sla:large>1": {
            "type": "metric",
            "query": "MATCH (e) RETURN sum(e.size) AS size",
            "assertion": "size > 1",
            "severity": "warn",
        }
    },
}

POLICIES: Json = {
    "modules": {
        "test.rego": (
            "package test\n\nimport rego.v1\n\ndefault allow := false\n\n"
            'allow if {\n\tinput.subject.id in data.agents\n\tinput.action.name in ["read", "enrich"]\n}\n'
        )
    },
    "data": {"agents": ["agent-456"]},
}

LICENCES: Json = {
    "licences": [
        {
            "licenceId": "enrich",
            "version": "2",
            "title": "Enrichment data",
            "resource": "enrich.example.com",
            "permit": ["enrichment"],
            "prohibit": [],
            "effectiveFrom": "2026-01-01T00:00:00Z",
            "effectiveTo": None,
            "status": "active",
            "terms": "For enrichment only.",
        },
        {
            "licenceId": "enrich",
            "version": "1",
            "title": "Enrichment data, old",
            "resource": "enrich.example.com",
            "permit": ["publication"],
            "prohibit": [],
            "effectiveFrom": "2025-01-01T00:00:00Z",
            "effectiveTo": "2026-01-01T00:00:00Z",
            "status": "active",
            "terms": "Replaced.",
        },
    ]
}

ROWS: Json = [
    {"id": "a", "kind": "tool", "size": 1},
    {"id": "b", "kind": "actor", "size": 2},
    {"id": "c", "kind": "tool", "size": 0.5},
]
TITLES: Json = [{"id": "a", "title": "Älpha"}, {"id": "b", "title": "Beta <b>"}]
KINDS: Json = [{"key": "actor", "n": 1, "size": 2}, {"key": "tool", "n": 2, "size": 1.5}]
CLAIMS: Json = {
    "claims": [
        {
            "claimId": "kinds",
            "text": "2 kinds; Älpha",
            "value": 10,
            "citations": [{"stepId": "count-kinds", "pointer": "/0/n"}, {"stepId": "fetch", "pointer": "/0"}],
        }
    ]
}


def definition() -> Json:
    """A fresh copy, to be changed at will."""
    return copy.deepcopy(DEFINITION)


def documents() -> dict[str, Json]:
    """Fresh copies of the registry, the bundle, the licences and the parameters."""
    return copy.deepcopy({"provers": REGISTRY, "policies": POLICIES, "licences": LICENCES, "parameters": {"limit": 10}})


def opa(prover: str, step_id: str, asked: Json, decision: str = "allow", policies: Json = None) -> Json:
    """The proof of an authority question by agent-456."""
    result, reason = {
        "allow": ("pass", "policy.allowed"),
        "deny": ("fail", "policy.denied"),
        "undefined": ("error", "policy.undefined"),
        "non-boolean": ("error", "policy.non_boolean"),
        "error": ("error", "policy.error"),
    }[decision]
    document = {
        "subject": {"type": "agent", "id": "agent-456"},
        "action": {"name": asked["action"]},
        "resource": {
            "type": asked["resource"],
            "properties": {name: value for name, value in asked.items() if name not in ("action", "resource")},
        },
        "context": {"now": TIME, "purpose": "enrichment", "runbook": "R9", "version": "1.0", "step": step_id},
    }
    evidence = {
        "policy": digest_of(policies or POLICIES),
        "query": "data.test.allow",
        "input": document,
        "decision": decision,
        "engine": "regopy 1.5.2",
    }
    return proof(prover, "opa", result, reason, evidence)


def licence(prover: str, action: str, result: str, reason: str, severity: str = "block") -> Json:
    """The proof of a licence check that found `enrich@2`."""
    evidence = {
        "registry": digest_of(LICENCES),
        "resource": "enrich.example.com",
        "action": action,
        "now": TIME,
        "purpose": "enrichment",
        "facts": {},
        "revoked": [],
        "licence": "enrich@2",
        "rule": {"licence.permitted": "permit/0", "licence.prohibited": "prohibit/0"}.get(reason),
        "duties": [],
    }
    return proof(prover, "license_registry", result, reason, evidence, severity)


def completeness(filled: int, fields: int = 3) -> Json:
    """The proof of the KPI; the quotient is Python's, which rounds once as IEEE 754 does."""
    evidence = {
        "query": digest(COMPLETENESS.encode()),
        "row": {"filled": filled, "fields": fields},
        "rows": 1,
        "value": filled / fields,
    }
    met = filled / fields >= 0.5
    return proof(
        "kpi:completeness>=0.5",
        "metric",
        "pass" if met else "fail",
        "metric.met" if met else "metric.not_met",
        evidence,
    )


def large() -> Json:
    """A KPI of the installation's registry; only a warning, and not met."""
    query = REGISTRY["postconditions"]["sla:large>1"]["query"]
    evidence = {"query": digest(query.encode()), "row": {"size": 1}, "rows": 1, "value": 1}
    return proof("sla:large>1", "metric", "fail", "metric.not_met", evidence, "warn")


def cited() -> Json:
    """The proof that the summary's one claim has two sources."""
    sources = sorted([digest_of(1), digest_of(TITLES[0])])
    evidence = {"claims": [{"claimId": "kinds", "sources": sources, "dangling": []}]}
    return proof("citations:each>=2", "citations", "pass", "citations.met", evidence)


READ = {"action": "read", "resource": "entity"}
ENRICH = {"action": "enrich", "resource": "entity", "level": 2}
EXPORTED = {
    "file": "summary.json",
    "mediaType": "application/json",
    "digest": digest_of(CLAIMS),
    "size": len(jcs(CLAIMS)),
}


def steps() -> dict[str, Json]:
    """The seven steps of the execution in which everything passes."""
    made = [
        step("query-entities", "done", {}, ROWS, [opa("authority:read", "query-entities", READ)], []),
        step("fetch", "done", ROWS, TITLES, fetch_gates(), []),
        step("count-kinds", "done", ROWS, KINDS, [], []),
        step("update", "done", TITLES, {"updated": 2}, [], [completeness(2)]),
        step(
            "assert-completeness",
            "done",
            {"updated": 2},
            {"completeness": 2 / 3, "large": 1},
            [],
            [completeness(2), large()],
        ),
        step("summarise", "done", {"kinds": KINDS, "limit": 10, "first": "Älpha"}, CLAIMS, [], [cited()]),
        step("publish", "done", CLAIMS, EXPORTED, [not_permitted()], []),
    ]
    # Copied part by part: a shared list would let a change of one step's inputs change another's outputs.
    return {item["stepId"]: {name: copy.deepcopy(part) for name, part in item.items()} for item in made}


def fetch_gates() -> list[Json]:
    """The two preconditions of `fetch`, passed."""
    return [
        opa("authority:enrich", "fetch", ENRICH),
        licence("license:enrichment", "enrichment", "pass", "licence.permitted"),
    ]


def not_permitted() -> Json:
    """A licence that does not permit, as a warning."""
    return licence("license:publication", "publication", "fail", "licence.not_permitted", "warn")


def manifest_of(changed: dict[str, Json], **header: Json) -> Json:
    """A sealed manifest of the runbook, with some steps replaced."""
    return seal(draft(definition(), list({**steps(), **changed}.values()), documents(), **header))


def not_run(*names: str) -> dict[str, Json]:
    """Steps that never started."""
    return {name: step(name, "not-run", {}, {}, [], []) for name in names}


def completed(**header: Json) -> Json:
    """Everything passes; two warnings do not."""
    return manifest_of({}, **header)


def blocked(**header: Json) -> Json:
    """The KPI after the mutation denies; the rest never runs."""
    update = step("update", "blocked", TITLES, {"updated": 0}, [], [completeness(1)])
    return manifest_of(
        {"update": update, **not_run("assert-completeness", "summarise", "publish")},
        **header,
    )


def failed(**header: Json) -> Json:
    """The external API fails; `count-kinds` was in flight and ended."""
    fetch = step("fetch", "failed", ROWS, {}, fetch_gates(), [])
    return manifest_of(
        {"fetch": fetch, **not_run("update", "assert-completeness", "summarise", "publish")},
        **header,
    )


def cancelled(**header: Json) -> Json:
    """Stopped by hand after two steps."""
    return manifest_of(not_run("count-kinds", "update", "assert-completeness", "summarise", "publish"), **header)
