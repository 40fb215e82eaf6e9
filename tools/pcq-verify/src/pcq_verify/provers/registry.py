"""The kinds of prover, and every recorded proof judged again (spec/provers.md, 1)."""

from __future__ import annotations

__all__ = ["check_verdicts"]

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pcq_verify.denials import PHASES
from pcq_verify.jcs import canonical
from pcq_verify.licence_registry import read_registry
from pcq_verify.manifest import Manifest, Step
from pcq_verify.materials import Documents
from pcq_verify.provers.authority import judge_authority
from pcq_verify.provers.budget import judge_budget
from pcq_verify.provers.citations import judge_citations
from pcq_verify.provers.combined import (
    COMBINATIONS,
    MOST_DEPTH,
    ContradictionError,
    judge_combined,
    self_containing,
)
from pcq_verify.provers.completeness import judge_completeness
from pcq_verify.provers.disclosure import judge_disclosure
from pcq_verify.provers.four_eyes import judge_four_eyes
from pcq_verify.provers.freshness import judge_freshness
from pcq_verify.provers.json_schema import judge_schema
from pcq_verify.provers.judgement import Judgement, Scope
from pcq_verify.provers.licence import judge_derived, judge_licence
from pcq_verify.provers.metric import judge_metric
from pcq_verify.provers.row_count import judge_row_count
from pcq_verify.provers.time_window import judge_time_window
from pcq_verify.report import Fault, Finding
from pcq_verify.reviews import Reviews
from pcq_verify.sandbox import BudgetError, Sandbox
from pcq_verify.shapes import got
from pcq_verify.values import UnavailableError, Values

Judge = Callable[[Mapping[str, Any], Scope, Mapping[str, Any]], Judgement]


@dataclass(frozen=True)
class _Kind:
    """A kind of prover. `needs_evidence` says that the judge reads the recorded evidence, which may be redacted."""

    phase: str
    judge: Judge
    needs_evidence: bool = False


_KINDS = {
    "opa": _Kind("preconditions", judge_authority),
    "license_registry": _Kind("preconditions", judge_licence, needs_evidence=True),
    "license_derived": _Kind("preconditions", judge_derived, needs_evidence=True),
    "time_window": _Kind("preconditions", judge_time_window),
    "budget": _Kind("preconditions", judge_budget, needs_evidence=True),
    "four_eyes": _Kind("preconditions", judge_four_eyes),
    "metric": _Kind("postconditions", judge_metric, needs_evidence=True),
    "citations": _Kind("postconditions", judge_citations),
    "row_count": _Kind("postconditions", judge_row_count),
    "completeness": _Kind("postconditions", judge_completeness),
    "freshness": _Kind("postconditions", judge_freshness),
    "schema": _Kind("postconditions", judge_schema),
    "disclosure": _Kind("postconditions", judge_disclosure),
}


@dataclass(frozen=True)
class _Claims:
    """The claims of one phase by name; `circular` names the combinations among them that contain themselves."""

    by_name: Mapping[str, Mapping[str, Any]]
    phase: str
    circular: frozenset[str]


def check_verdicts(
    manifest: Manifest, documents: Documents, values: Values, sandbox: Sandbox, reviews: Reviews
) -> Iterator[Finding]:
    """Findings where a recorded proof is not the one that its claim and evidence give."""
    licences = read_registry(documents.licences) if documents.licences else None
    claims = {phase: _claims(documents, phase) for phase in PHASES}
    for step in manifest.steps:
        scope = Scope(manifest, step, values, licences, documents.parameters, sandbox, reviews)
        for phase in PHASES:
            for position, proof in enumerate(step.proofs[phase]):
                where = f"{step.name}, {phase}.{position} {proof['prover']}"
                try:
                    expected = _proof(proof, claims[phase], scope)
                except (UnavailableError, BudgetError) as error:
                    yield Finding(Fault.INCOMPLETE, where, f"not judged again: {error}")
                except ContradictionError as error:
                    yield Finding(Fault.NOT_REPRODUCED, where, str(error))
                else:
                    yield from _differences(expected, proof, where, hidden=_is_hidden(step, phase, position))


def _claims(documents: Documents, phase: str) -> _Claims | None:
    if documents.definition is None or documents.provers is None:
        return None
    by_name = {**documents.provers.get(phase, {}), **documents.definition.provers.get(phase, {})}
    combinations = {name: claim["provers"] for name, claim in by_name.items() if claim["type"] in COMBINATIONS}
    return _Claims(by_name, phase, self_containing(combinations))


def _is_hidden(step: Step, phase: str, position: int) -> bool:
    return step.sections["proofs"].fields[f"{phase}/{position}/evidence"].hidden is not None


def _proof(proof: Mapping[str, Any], claims: _Claims | None, scope: Scope) -> dict[str, Any]:
    if claims is None:
        raise UnavailableError("the definition or the prover registry is missing")
    severity = claims.by_name.get(proof["prover"], {}).get("severity", "block")
    return {**_judged(proof["prover"], claims, scope, proof["evidence"], depth=1), "severity": severity}


def _judged(name: str, claims: _Claims, scope: Scope, evidence: Mapping[str, Any], *, depth: int) -> dict[str, Any]:
    claim = claims.by_name.get(name)
    if claim is None:
        kind, judgement = "undefined", Judgement("error", "prover.undefined", {})
    elif claim["type"] in COMBINATIONS:
        kind = claim["type"]
        judgement = _combination(name, claims, scope, evidence, depth=depth)
    else:
        kind, judgement = claim["type"], _judge(claim, claims.phase, replace(scope, prover=name), evidence)
    return {
        "prover": name,
        "kind": kind,
        "version": 1,
        "result": judgement.result,
        "reason": judgement.reason,
        "evidence": judgement.evidence,
    }


def _combination(name: str, claims: _Claims, scope: Scope, evidence: Mapping[str, Any], *, depth: int) -> Judgement:
    if name in claims.circular or depth > MOST_DEPTH:
        return Judgement("error", "combined.circular", {"proofs": []})
    return judge_combined(
        claims.by_name[name],
        evidence,
        lambda inner, recorded: _judged(inner, claims, scope, recorded, depth=depth + 1),
    )


def _judge(claim: Mapping[str, Any], phase: str, scope: Scope, evidence: Mapping[str, Any]) -> Judgement:
    kind = _KINDS.get(claim["type"])
    if kind is None:
        return Judgement("error", "prover.unknown_kind", {})
    if kind.phase != phase:
        return Judgement("error", "prover.wrong_phase", {})
    if kind.needs_evidence and "$redacted" in evidence:
        raise UnavailableError("the evidence is redacted")
    return kind.judge(claim, scope, evidence)


def _differences(
    expected: Mapping[str, Any], proof: Mapping[str, Any], where: str, *, hidden: bool
) -> Iterator[Finding]:
    for member, value in expected.items():
        if member == "evidence":
            continue
        if proof[member] != value:
            yield Finding(Fault.NOT_REPRODUCED, where, f"{member}: expected {got(value)}, got {got(proof[member])}")
    if hidden:
        yield Finding(Fault.INCOMPLETE, where, "the evidence is redacted")
        return
    evidence = expected["evidence"]
    for member in sorted(evidence.keys() | proof["evidence"].keys()):
        if member not in evidence or member not in proof["evidence"]:
            problem = "is missing" if member in evidence else "is unknown"
            yield Finding(Fault.NOT_REPRODUCED, where, f"evidence.{member} {problem}")
        elif canonical(evidence[member]) != canonical(proof["evidence"][member]):
            message = f"evidence.{member}: expected {got(evidence[member])}, got {got(proof['evidence'][member])}"
            yield Finding(Fault.NOT_REPRODUCED, where, message)
