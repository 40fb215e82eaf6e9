"""`license_derived`: do the licences of all sources let what was made of them be used so? (spec/licences.md, 6)"""

from __future__ import annotations

__all__ = ["DerivedLicence"]

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runbooks.evidence import Scope
from runbooks.licensing import decide_sources, names_known
from runbooks.provers.licence import USE_MEMBERS, make_use, revoked_of
from runbooks.provers.prover import Claim, Prover, Verdict


class DerivedLicence(Prover):
    """The intersection of permissions, the union of prohibitions and duties, along the graph of steps."""

    kind = "license_derived"
    phase = "preconditions"
    members = {"action": {"type": "string", "minLength": 1}, **USE_MEMBERS}
    required = ("action",)

    def licences(self, claim: Claim, scope: Scope) -> Sequence[str]:
        """Those of the sources."""
        del claim
        return names_known(scope.licences, _sources(scope)[0])

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """From the licences that the proofs of the ancestors name; `answer` is the registry's: {"revoked"}."""
        sources, unnamed = _sources(scope)
        use = make_use(claim, scope, claim["action"])
        revoked = revoked_of(answer, self.licences(claim, scope))
        decision = decide_sources(scope.licences, sources, use, revoked, unnamed=unnamed)
        evidence = {
            "registry": scope.licences_digest,
            "action": use.action,
            "now": use.now,
            "purpose": use.purpose,
            "facts": dict(use.facts),
            "revoked": revoked,
            "sources": sources,
            "licence": decision.licence,
            "duties": decision.duties,
        }
        return Verdict(decision.result, decision.reason, evidence)  # type: ignore[arg-type]


def _sources(scope: Scope) -> tuple[list[str], bool]:
    """Names of the licences, and whether a proof that counts names none."""
    used = {name for proofs in scope.ancestor_proofs.values() for name in _licences(proofs, lifted=True)}
    return sorted((name for name in used if name is not None), key=str.encode), None in used


def _licences(proofs: Iterable[Mapping[str, Any]], *, lifted: bool) -> Iterable[str | None]:
    # The step of these proofs acted. So where one does not pass, its data were used nevertheless, unless the
    # combination around it passed by another.
    for proof in proofs:
        is_pass = proof["result"] == "pass"
        if proof["kind"] == "license_registry" and (is_pass or lifted):
            yield proof["evidence"]["licence"]
        yield from _licences(proof["evidence"].get("proofs", ()), lifted=lifted and not is_pass)
