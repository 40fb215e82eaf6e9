"""`license_registry`: does a licence in force permit this use? (spec/licences.md, 5)"""

from __future__ import annotations

__all__ = ["LicenceCheck", "make_use", "revoked_of"]

import re
from collections.abc import Mapping, Sequence
from typing import Any

from runbooks.evidence import Scope
from runbooks.licensing import Decision, Use, decide, names_for
from runbooks.provers.prover import Claim, Prover, Verdict

_CHECK = re.compile(r"(\S+) allows (\S+)")

USE_MEMBERS = {
    "purpose": {"type": "string", "minLength": 1},
    "facts": {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
}


class LicenceCheck(Prover):
    """`<resource> allows <action>`: terms at the execution's logical time, revocation as the registry answered."""

    kind = "license_registry"
    phase = "preconditions"
    members = {"check": {"type": "string", "minLength": 1}, **USE_MEMBERS}
    required = ("check",)

    def licences(self, claim: Claim, scope: Scope) -> Sequence[str]:
        """Those of the resource."""
        check = _CHECK.fullmatch(claim["check"])
        return names_for(scope.licences, check[1]) if check else ()

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """Default deny; a prohibition wins; what is unknown denies. `answer` is the registry's: {"revoked"}."""
        check = _CHECK.fullmatch(claim["check"])
        resource, action = check.groups() if check else (None, None)
        use = make_use(claim, scope, action or "")
        revoked = revoked_of(answer, self.licences(claim, scope))
        decision = Decision("error", "licence.malformed_check")
        if resource:
            decision = decide(scope.licences, resource, use, revoked)
        evidence = {
            "registry": scope.licences_digest,
            "resource": resource,
            "action": action,
            "now": use.now,
            "purpose": use.purpose,
            "facts": dict(use.facts),
            "revoked": revoked,
            "licence": decision.licence,
            "rule": decision.rule,
            "duties": decision.duties,
        }
        return Verdict(decision.result, decision.reason, evidence)  # type: ignore[arg-type]


def make_use(claim: Claim, scope: Scope, action: str) -> Use:
    """The use that a claim asks about (spec/licences.md, 2)."""
    purpose = claim.get("purpose", scope.purpose)
    return Use(action, scope.executed_by, scope.logical_time, purpose, claim.get("facts", {}))


def revoked_of(answer: Any, asked: Sequence[str]) -> list[str] | None:
    """Which of the `asked` licences the recorded answer revokes, sorted; None when it does not say."""
    if not asked:
        return []
    found = answer.get("revoked") if isinstance(answer, Mapping) else None
    # Who speaks of licences that were not asked about did not understand the question.
    if not isinstance(found, list) or any(name not in asked for name in found):
        return None
    return sorted(set(found), key=str.encode)
