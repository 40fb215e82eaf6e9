"""`opa`: the policy question put together from header, context and claim, and asked again (spec/provers.md, 2)."""

from __future__ import annotations

__all__ = ["judge_authority"]

from collections.abc import Mapping
from typing import Any

from pcq_verify.provers.judgement import Judgement, Scope

_VERDICTS = {
    "allow": ("pass", "policy.allowed"),
    "deny": ("fail", "policy.denied"),
    "undefined": ("error", "policy.undefined"),
    "non-boolean": ("error", "policy.non_boolean"),
    "error": ("error", "policy.error"),
}


def judge_authority(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """The decision of the bundle; the engine's name is the recorded one, since another version may ask again."""
    document, query = _document(claim, scope), f"data.{claim['policy']}"
    decision = scope.sandbox.decide(query, document)
    engine = recorded.get("engine")
    result, reason = _VERDICTS[decision]
    evidence = {
        "policy": scope.manifest.context["policies"],
        "query": query,
        "input": document,
        "decision": decision,
        "engine": engine if isinstance(engine, str) else "",
    }
    return Judgement(result, reason, evidence)


def _document(claim: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    asked, context = claim["input"], scope.manifest.context
    return {
        "subject": {"type": "agent", "id": scope.manifest.header["executedBy"]},
        "action": {"name": asked["action"]},
        "resource": {
            "type": asked["resource"],
            "properties": {name: value for name, value in asked.items() if name not in ("action", "resource")},
        },
        "context": {
            "now": scope.logical_time,
            "purpose": context["purpose"],
            "runbook": context["runbookId"],
            "version": context["version"],
            "step": scope.step.step_id,
        },
    }
