"""`license_registry` and `license_derived`: may data be used so, and may what was made of it (spec/provers.md, 3)."""

from __future__ import annotations

__all__ = ["judge_derived", "judge_licence"]

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pcq_verify.claims import COMBINATIONS
from pcq_verify.licences import Decision, Use, decide, decide_derived
from pcq_verify.provers.judgement import Judgement, Scope
from pcq_verify.values import UnavailableError

_CHECK = re.compile(r"(\S+) allows (\S+)")


def judge_licence(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the pinned registry, the logical time, the executor, the claim and the recorded `revoked`."""
    check = _CHECK.fullmatch(claim["check"])
    revoked: list[str] | None = []
    decision = Decision("error", "licence.malformed_check")
    if check:
        registry = scope.licence_registry
        asked = {licence.name for licence in registry.licences if licence.resource == check[1]}
        revoked = _revoked(recorded, asked)
        decision = decide(registry, check[1], _use(claim, scope, check[2]), revoked)
    evidence = {
        **_evidence(claim, scope, decision),
        "revoked": revoked,
        "resource": check[1] if check else None,
        "action": check[2] if check else None,
        "rule": decision.rule,
    }
    return Judgement(decision.result, decision.reason, evidence)


def judge_derived(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the same, and the licences that the recorded proofs of the ancestors rest on."""
    used = {name for step_id in scope.values.ancestors(scope.step.step_id) for name in _licences(scope, step_id)}
    names = used - {""}
    sources = sorted(names, key=lambda name: name.encode())
    registry = scope.licence_registry
    revoked = _revoked(recorded, {licence.name for licence in registry.licences} & names)
    decision = decide_derived(registry, sources, _use(claim, scope, claim["action"]), revoked, uncovered="" in used)
    evidence = {
        **_evidence(claim, scope, decision),
        "revoked": revoked,
        "action": claim["action"],
        "sources": sources,
    }
    return Judgement(decision.result, decision.reason, evidence)


def _revoked(recorded: Mapping[str, Any], asked: Collection[str]) -> list[str] | None:
    """The recorded `revoked` if it can have been answered so (spec/licences.md, 7); any other becomes None or []."""
    if not asked:
        return []
    found = recorded.get("revoked")
    if type(found) is not list or not all(type(name) is str and name in asked for name in found):
        return None
    return sorted(set(found), key=lambda name: name.encode())


def _use(claim: Mapping[str, Any], scope: Scope, action: str) -> Use:
    user = scope.manifest.header["executedBy"]
    return Use(action, scope.logical_time, user, _purpose(claim, scope), claim.get("facts", {}))


def _purpose(claim: Mapping[str, Any], scope: Scope) -> str | None:
    purpose: str | None = claim.get("purpose", scope.manifest.context["purpose"])
    return purpose


def _evidence(claim: Mapping[str, Any], scope: Scope, decision: Decision) -> dict[str, Any]:
    return {
        "registry": scope.manifest.context["licences"],
        "now": scope.logical_time,
        "purpose": _purpose(claim, scope),
        "facts": claim.get("facts", {}),
        "licence": decision.licence,
        "duties": decision.duties,
    }


def _licences(scope: Scope, step_id: str) -> Iterator[str]:
    """Names of the licences under which a step took its data; "" for data that none covers."""
    step = scope.values.step(step_id)
    for proof in step.proofs["preconditions"]:
        yield from _of_proof(proof, f"{step.name}, {proof['prover']}", decisive=True)


def _of_proof(proof: Any, where: str, *, decisive: bool) -> Iterator[str]:
    """`decisive` while no combination around the proof passed without it: then the step acted on what it judges."""
    # A combination's evidence has any shape; one that lies is found when that step's own proofs are judged.
    evidence = proof.get("evidence") if type(proof) is dict else None
    if type(evidence) is not dict:
        return
    is_combination, is_pass = proof.get("kind") in COMBINATIONS, proof.get("result") == "pass"
    if not is_combination and not (proof.get("kind") == "license_registry" and (is_pass or decisive)):
        return
    if "$redacted" in evidence:
        raise UnavailableError(f"{where}: the evidence that names its licences is redacted")
    if is_combination:
        nested = evidence.get("proofs")
        for item in nested if type(nested) is list else ():
            yield from _of_proof(item, where, decisive=decisive and not is_pass)
    else:
        name = evidence.get("licence")
        yield name if type(name) is str else ""
