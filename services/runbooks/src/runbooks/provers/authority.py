"""`opa`: may this subject do this here, now? (spec/provers.md, 2)"""

from __future__ import annotations

__all__ = ["Authority"]

from collections.abc import Mapping
from typing import Any

from runbooks.effects import PolicyQuestion
from runbooks.evidence import Scope
from runbooks.provers.prover import Claim, Prover, Verdict

_REASONS = {
    "allow": ("pass", "policy.allowed"),
    "deny": ("fail", "policy.denied"),
    "undefined": ("error", "policy.undefined"),
    "non-boolean": ("error", "policy.non_boolean"),
}


class Authority(Prover):
    """Only the value `true` allows; undefined, anything else and every failure denies."""

    kind = "opa"
    phase = "preconditions"
    members = {
        "policy": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)+$"},
        "input": {
            "type": "object",
            "required": ["action", "resource"],
            "properties": {"action": {"type": "string"}, "resource": {"type": "string"}},
        },
    }
    required = ("policy", "input")

    def question(self, claim: Claim, scope: Scope) -> PolicyQuestion | None:
        """Subject, action, resource and context in AuthZEN's shape."""
        return _question(claim, scope)

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """From the engine's decision."""
        question = _question(claim, scope)
        # Whoever did not answer, or not in these words, did not allow.
        said = answer if isinstance(answer, Mapping) else {}
        decision = next((known for known in _REASONS if said.get("decision") == known), "error")
        result, reason = _REASONS.get(decision, ("error", "policy.error"))
        evidence = {
            "policy": scope.policies_digest,
            "query": question.query,
            "input": question.document,
            "decision": decision,
            "engine": str(said.get("engine", "")),
        }
        return Verdict(result, reason, evidence)  # type: ignore[arg-type]


def _question(claim: Claim, scope: Scope) -> PolicyQuestion:
    asked = claim["input"]
    properties = {name: value for name, value in asked.items() if name not in ("action", "resource")}
    document = {
        "subject": {"type": "agent", "id": scope.executed_by},
        "action": {"name": asked["action"]},
        "resource": {"type": asked["resource"], "properties": properties},
        "context": {
            "now": scope.logical_time,
            "purpose": scope.purpose,
            "runbook": scope.runbook_id,
            "version": scope.version,
            "step": scope.step_id,
        },
    }
    return PolicyQuestion("data." + claim["policy"], document)
