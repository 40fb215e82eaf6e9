"""The registry of prover kinds, and the proof of one named prover (spec/provers.md, 1)."""

from __future__ import annotations

__all__ = ["PROVERS", "prove"]

from typing import Any

from runbooks.evidence import Scope
from runbooks.provers.authority import Authority
from runbooks.provers.citations import Citations
from runbooks.provers.completeness import Completeness
from runbooks.provers.derived_licence import DerivedLicence
from runbooks.provers.disclosure import Disclosure
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
        Metric(),
        Citations(),
        RowCount(),
        Completeness(),
        Freshness(),
        ValueSchema(),
        Disclosure(),
    )
}


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
