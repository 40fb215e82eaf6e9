"""The kinds of prover, and every recorded proof judged again (spec/provers.md, 1)."""

from __future__ import annotations

__all__ = ["check_verdicts"]

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pcq_verify.jcs import canonical
from pcq_verify.manifest import Manifest, Step
from pcq_verify.materials import Documents
from pcq_verify.outcomes import PHASES
from pcq_verify.provers.authority import judge_authority
from pcq_verify.provers.citations import judge_citations
from pcq_verify.provers.judgement import Judgement, Scope
from pcq_verify.provers.licence import judge_licence
from pcq_verify.provers.metric import judge_metric
from pcq_verify.report import Fault, Finding
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
    "license_registry": _Kind("preconditions", judge_licence),
    "metric": _Kind("postconditions", judge_metric, needs_evidence=True),
    "citations": _Kind("postconditions", judge_citations),
}

# Specified, and not judged here yet: a proof of such a kind is left undecided, which is no pass.
_UNSUPPORTED = frozenset(
    (
        "row_count",
        "completeness",
        "freshness",
        "schema",
        "disclosure",
        "time_window",
        "budget",
        "all",
        "any",
        "at_least",
    )
)


def check_verdicts(manifest: Manifest, documents: Documents, values: Values, sandbox: Sandbox) -> Iterator[Finding]:
    """Findings where a recorded proof is not the one that its claim and evidence give."""
    licences = documents.licences or {"licences": []}
    for step in manifest.steps:
        scope = Scope(manifest, step, values, licences, sandbox)
        for phase in PHASES:
            for position, proof in enumerate(step.proofs[phase]):
                where = f"{step.name}, {phase}.{position} {proof['prover']}"
                try:
                    expected = _proof(proof, phase, scope, documents)
                except (UnavailableError, BudgetError) as error:
                    yield Finding(Fault.INCOMPLETE, where, f"not judged again: {error}")
                    continue
                yield from _differences(expected, proof, where, hidden=_is_hidden(step, phase, position))


def _is_hidden(step: Step, phase: str, position: int) -> bool:
    return step.sections["proofs"].fields[f"{phase}/{position}/evidence"].hidden is not None


def _proof(proof: Mapping[str, Any], phase: str, scope: Scope, documents: Documents) -> dict[str, Any]:
    name = proof["prover"]
    if documents.definition is None or documents.provers is None:
        raise UnavailableError("the definition or the prover registry is missing")
    claim = documents.definition.claim(phase, name, documents.provers)
    if claim is None:
        kind, severity, judgement = "undefined", "block", Judgement("error", "prover.undefined", {})
    else:
        kind, severity = claim["type"], claim.get("severity", "block")
        judgement = _judge(claim, phase, scope, proof["evidence"])
    return {
        "prover": name,
        "kind": kind,
        "version": 1,
        "result": judgement.result,
        "severity": severity,
        "reason": judgement.reason,
        "evidence": judgement.evidence,
    }


def _judge(claim: Mapping[str, Any], phase: str, scope: Scope, evidence: Mapping[str, Any]) -> Judgement:
    kind = _KINDS.get(claim["type"])
    if claim["type"] in _UNSUPPORTED:
        raise UnavailableError(f"this verifier cannot judge provers of kind {claim['type']!r}")
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
