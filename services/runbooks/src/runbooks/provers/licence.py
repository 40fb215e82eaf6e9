"""`license_registry`: does a licence in force permit this use? (spec/licences.md, 5)"""

from __future__ import annotations

__all__ = ["LicenceCheck", "make_use"]

import re
from typing import Any

from runbooks.evidence import Scope
from runbooks.licensing import Decision, Use, decide, licence_name
from runbooks.provers.prover import Claim, Prover, Verdict

_CHECK = re.compile(r"(\S+) allows (\S+)")

USE_MEMBERS = {
    "purpose": {"type": "string", "minLength": 1},
    "facts": {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
}


class LicenceCheck(Prover):
    """`<resource> allows <action>`, decided at the execution's logical time from the registry alone."""

    kind = "license_registry"
    phase = "preconditions"
    members = {"check": {"type": "string", "minLength": 1}, **USE_MEMBERS}
    required = ("check",)

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """Default deny; a prohibition wins; what is unknown denies."""
        del answer
        check = _CHECK.fullmatch(claim["check"])
        resource, action = check.groups() if check else (None, None)
        use = make_use(claim, scope, action or "")
        decision = decide(scope.licences, resource, use) if resource else Decision("error", "licence.malformed_check")
        evidence = {
            "registry": scope.licences_digest,
            "resource": resource,
            "action": action,
            "now": use.now,
            "purpose": use.purpose,
            "facts": dict(use.facts),
            "licence": licence_name(decision.licence) if decision.licence else None,
            "rule": decision.rule,
            "duties": decision.duties,
        }
        return Verdict(decision.result, decision.reason, evidence)  # type: ignore[arg-type]


def make_use(claim: Claim, scope: Scope, action: str) -> Use:
    """The use that a claim asks about (spec/licences.md, 2)."""
    purpose = claim.get("purpose", scope.purpose)
    return Use(action, scope.executed_by, scope.logical_time, purpose, claim.get("facts", {}))
