"""Manifests of one or two steps around a single claim: a policy, a licence, a KPI, a citation, a value."""

from __future__ import annotations

__all__ = ["CITED", "citing", "draft_single", "gated", "licensed", "measured", "single", "slug"]

import re
from typing import Any

from keyring import digest, digest_of
from maker import draft, proof, seal, step
from scenarios import READ, documents, licence, opa

Json = Any

SOURCES: Json = {"rows": [{"a/b": 1, "m~n": "x"}, {"a/b": 2}], "same": {"a/b": 1, "m~n": "x"}}


def slug(text: str) -> str:
    """A file name out of what follows the first line of a Rego text."""
    return re.sub("[^a-z0-9]+", "-", text.partition("\n")[2].lower()).strip("-")[:40]


def runbook(claims: dict[str, Json], **members: Json) -> Json:
    """A runbook of one query step; claims by phase."""
    only = {"stepId": "only", "type": "query", "cypher": "MATCH (e) RETURN e.id AS id", **members}
    for phase, named in claims.items():
        only[phase] = list(named)
    return {
        "runbookId": "R9",
        "name": "One step",
        "version": "1.0",
        "purpose": "enrichment",
        "steps": [only],
        "provers": {phase: {n: c for n, c in named.items() if c is not None} for phase, named in claims.items()},
    }


def draft_single(outputs: Json, **header: Json) -> Json:
    """One step that is done, not sealed yet."""
    return draft(runbook({}), [step("only", "done", {}, outputs, [], [])], documents(), **header)


def single(outputs: Json, *, gate: Json = None, claims: dict[str, Json] | None = None, **header: Json) -> Json:
    """One step with these outputs, or one that the precondition `gate` blocked."""
    if gate is None:
        return seal(draft_single(outputs, **header))
    definition = runbook({"preconditions": claims or {"gate": None}})
    return seal(draft(definition, [step("only", "blocked", {}, {}, [gate], [])], documents(), **header))


def gated(module: str, decision: str, **header: Json) -> Json:
    """One step behind one policy, whose decision is recorded as `decision`."""
    papers = documents()
    papers["policies"] = {"modules": {"test.rego": module}, "data": {}}
    claim = {"type": "opa", "policy": "test.allow", "input": READ}
    gate = opa("gate", "only", READ, decision, papers["policies"])
    item = step("only", "done" if decision == "allow" else "blocked", {}, {}, [gate], [])
    return seal(draft(runbook({"preconditions": {"gate": claim}}), [item], papers, **header))


def licensed(check: str, result: str, reason: str, name: str | None) -> Json:
    """One step that a licence check blocked."""
    gate = licence("gate", "", result, reason)
    words = re.fullmatch(r"(\S+) allows (\S+)", check)
    gate["evidence"].update(resource=words[1] if words else None, action=words[2] if words else None, licence=name)
    claim = {"type": "license_registry", "check": check}
    return single({}, gate=gate, claims={"gate": claim})


def measured(assertion: str, row: Json, rows: int, value: Json, result: str, reason: str) -> Json:
    """One step with one KPI after it."""
    query = "MATCH (e) RETURN 1"
    evidence = {"query": digest(query.encode()), "row": row, "rows": rows, "value": value}
    gate = proof("kpi:x>1", "metric", result, reason, evidence)
    claim = {"type": "metric", "query": query, "assertion": assertion}
    item = step("only", "done" if result == "pass" else "blocked", {}, {"updated": 1}, [], [gate])
    return seal(draft(runbook({"postconditions": {"kpi:x>1": claim}}), [item], documents()))


def citing(outputs: Json, evidence: Json, result: str, reason: str) -> Json:
    """A step whose claims cite the step `source`; `other` is no ancestor of it."""
    definition = runbook({"postconditions": {"cited": {"type": "citations", "minimum": 2}}}, dependsOn=["source"])
    definition["steps"][:0] = [
        {"stepId": "source", "type": "query", "cypher": "MATCH (e) RETURN e"},
        {"stepId": "other", "type": "query", "cypher": "MATCH (e) RETURN e", "dependsOn": []},
    ]
    gate = proof("cited", "citations", result, reason, evidence)
    items = [
        step("source", "done", {}, SOURCES, [], []),
        step("other", "done", {}, SOURCES, [], []),
        step("only", "done" if result == "pass" else "blocked", SOURCES, outputs, [], [gate]),
    ]
    return seal(draft(definition, items, documents()))


def _claim(*citations: Json) -> Json:
    return {"claims": [{"claimId": "c", "text": "t", "citations": list(citations)}]}


def _at(pointer: str, step_id: str = "source", **members: Json) -> Json:
    return {"stepId": step_id, "pointer": pointer, **members}


def _found(sources: list[Json], *dangling: tuple[str, str]) -> Json:
    left = [{"stepId": name, "pointer": pointer} for name, pointer in dangling]
    return {"claims": [{"claimId": "c", "sources": sorted(map(digest_of, sources)), "dangling": left}]}


CITED: list[tuple[str, Json, Json, str, str]] = [
    (
        "pointers",
        _claim(_at("/rows/0/a~1b"), _at("/rows/0/m~0n"), _at(""), _at("/rows/1", sourceId=digest_of({"a/b": 2}))),
        _found([1, "x", SOURCES, {"a/b": 2}]),
        "pass",
        "citations.met",
    ),
    (
        "one-source-twice",
        _claim(_at("/rows/0"), _at("/same")),
        _found([SOURCES["same"]]),
        "fail",
        "citations.too_few",
    ),
    (
        "dangling",
        _claim(
            _at("/rows/2"),
            _at("/rows/01"),
            _at("/rows/-"),
            _at("rows"),
            _at("/rows/0/m~2n"),
            _at("/rows", step_id="other"),
            _at("", step_id="only"),
            _at("/same", sourceId=digest_of("something else")),
        ),
        _found(
            [],
            ("source", "/rows/2"),
            ("source", "/rows/01"),
            ("source", "/rows/-"),
            ("source", "rows"),
            ("source", "/rows/0/m~2n"),
            ("other", "/rows"),
            ("only", ""),
            ("source", "/same"),
        ),
        "fail",
        "citations.dangling",
    ),
    ("no-claims", {"claims": []}, {"claims": []}, "fail", "citations.no_claims"),
    ("no-member", {"rows": []}, {"claims": []}, "error", "citations.malformed"),
    ("wrong-type", _claim({"stepId": "source", "pointer": 0}), {"claims": []}, "error", "citations.malformed"),
]
