"""The registry of prover kinds, and the proof of one named prover (spec/provers.md, 1 and 14)."""

from __future__ import annotations

__all__ = ["PROVERS", "claim_problems", "prove", "prove_named"]

from collections.abc import Iterable, Mapping
from typing import Any

from runbooks.canonical import pointer_to
from runbooks.errors import ExpressionError, Problem
from runbooks.evidence import Scope
from runbooks.provers.authority import Authority
from runbooks.provers.budget import Budget
from runbooks.provers.citations import Citations
from runbooks.provers.combination import COMBINATIONS, MAX_DEPTH, Find, contains_itself
from runbooks.provers.completeness import Completeness
from runbooks.provers.derived_licence import DerivedLicence
from runbooks.provers.disclosure import Disclosure
from runbooks.provers.four_eyes import FourEyes
from runbooks.provers.freshness import Freshness
from runbooks.provers.licence import LicenceCheck
from runbooks.provers.metric import Metric
from runbooks.provers.prover import Claim, Prover
from runbooks.provers.row_count import RowCount
from runbooks.provers.time_window import TimeWindow
from runbooks.provers.value_schema import ValueSchema

PROVERS: dict[str, Prover] = {
    prover.kind: prover
    for prover in (
        Authority(),
        LicenceCheck(),
        DerivedLicence(),
        TimeWindow(),
        Budget(),
        FourEyes(),
        Metric(),
        Citations(),
        RowCount(),
        Completeness(),
        Freshness(),
        ValueSchema(),
        Disclosure(),
    )
}


def claim_problems(claim: Claim) -> Iterable[Problem]:
    """Why a claim of a known kind and the right shape could only ever be an error; pointers are into the claim."""
    prover = PROVERS.get(claim["type"])
    if prover is None:
        return
    for member, message in prover.claim_problems(claim):
        hint = f"see spec/provers.md for what a {prover.kind} can be"
        yield Problem("definition.claim", pointer_to([member]), message, hint)
    for member, parse in prover.expressions.items():
        try:
            _ = member in claim and parse(claim[member])
        except ExpressionError as error:
            yield Problem(error.code, pointer_to([member]), str(error), _hint(error.code))


def _hint(code: str) -> str:
    if code == "expression.comparison":
        return "write `left op right`, e.g. a / b >= 0.95"
    return "expressions are JSONata; see spec/execution.md, 2"


def prove_named(
    name: str, phase: str, find: Find, scope: Scope, answers: Mapping[str, Any], depth: int = 1
) -> dict[str, Any]:
    """The proof of the prover `name` with the claim that `find` gives; a combination is judged from its parts' proofs.

    `answers` has what the world said, by prover name.
    """
    claim = find(name)
    combination = COMBINATIONS.get(claim["type"]) if claim is not None else None
    if claim is None or combination is None:
        return prove(name, phase, claim, scope, answers.get(name))
    severity = claim.get("severity", "block")
    if depth > MAX_DEPTH or contains_itself(name, find):
        circular: dict[str, Any] = {"proofs": []}
        verdict = ("error", "combined.circular", circular)
        return _proof(name, combination.kind, combination.version, severity, verdict)
    parts = [prove_named(part, phase, find, scope, answers, depth + 1) for part in claim["provers"]]
    judged = combination.judge(claim, parts)
    verdict = (judged.result, judged.reason, judged.evidence)
    return _proof(name, combination.kind, combination.version, severity, verdict)


def prove(name: str, phase: str, claim: Claim | None, scope: Scope, answer: Any) -> dict[str, Any]:
    """The proof of the prover `name`; a claim that nobody defined, or of an unknown kind, is an error and so denies."""
    if claim is None:
        return _proof(name, "undefined", 1, "block", ("error", "prover.undefined", {}))
    kind, severity = claim["type"], claim.get("severity", "block")
    prover = PROVERS.get(kind)
    if prover is None:
        return _proof(name, kind, 1, severity, ("error", "prover.unknown_kind", {}))
    if prover.phase != phase:
        return _proof(name, kind, prover.version, severity, ("error", "prover.wrong_phase", {}))
    verdict = prover.judge(claim, scope, answer)
    return _proof(name, kind, prover.version, severity, (verdict.result, verdict.reason, verdict.evidence))


def _proof(
    name: str, kind: str, version: int, severity: str, verdict: tuple[str, str, dict[str, Any]]
) -> dict[str, Any]:
    result, reason, evidence = verdict
    return {
        "prover": name,
        "kind": kind,
        "version": version,
        "result": result,
        "severity": severity,
        "reason": reason,
        "evidence": evidence,
    }
