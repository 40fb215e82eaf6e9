"""`license_derived`: do the licences of all sources let what was made of them be used so? (spec/licences.md, 6)"""

from __future__ import annotations

__all__ = ["DerivedLicence"]

from collections.abc import Iterable, Mapping
from typing import Any

from runbooks.evidence import Scope
from runbooks.licensing import decide_sources, licence_name
from runbooks.provers.licence import USE_MEMBERS, make_use
from runbooks.provers.prover import Claim, Prover, Verdict


class DerivedLicence(Prover):
    """The intersection of permissions, the union of prohibitions and duties, along the graph of steps."""

    kind = "license_derived"
    phase = "preconditions"
    members = {"action": {"type": "string", "minLength": 1}, **USE_MEMBERS}
    required = ("action",)

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """From the licences that the proofs of the ancestors name."""
        del answer
        used = {name for proofs in scope.ancestor_proofs.values() for name in _licences(proofs)}
        sources = sorted(used, key=str.encode)
        use = make_use(claim, scope, claim["action"])
        decision = decide_sources(scope.licences, sources, use)
        evidence = {
            "registry": scope.licences_digest,
            "action": use.action,
            "now": use.now,
            "purpose": use.purpose,
            "facts": dict(use.facts),
            "sources": sources,
            "licence": licence_name(decision.licence) if decision.licence else None,
            "duties": decision.duties,
        }
        return Verdict(decision.result, decision.reason, evidence)  # type: ignore[arg-type]


def _licences(proofs: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for proof in proofs:
        if proof["kind"] == "license_registry" and proof["result"] == "pass":
            yield proof["evidence"]["licence"]
        yield from _licences(proof["evidence"].get("proofs", ()))
