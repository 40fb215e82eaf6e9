"""`budget`: what is reserved stays within a limit (spec/provers.md, 13). What was reserved before, the ledger says."""

from __future__ import annotations

__all__ = ["judge_budget"]

from collections.abc import Mapping
from typing import Any

from pcq_verify.provers.judgement import Judgement, Scope
from pcq_verify.sandbox import EvaluationError


def judge_budget(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the claim, the ancestors' outputs and the recorded `before`, which is taken as it stands."""
    before, amount = recorded.get("before"), _amount(claim, scope)
    before = before if type(before) is int and before >= 0 else None
    evidence = {
        "counter": claim["counter"],
        "period": _period(claim.get("period", "ever"), scope),
        "before": before,
        "amount": amount,
        "limit": claim["limit"],
    }
    if amount is None:
        return Judgement("error", "budget.amount", evidence)
    if before is None:
        return Judgement("error", "budget.unknown", evidence)
    if before + amount <= claim["limit"]:
        return Judgement("pass", "budget.reserved", evidence)
    return Judgement("fail", "budget.exceeded", evidence)


def _amount(claim: Mapping[str, Any], scope: Scope) -> int | None:
    if "amount" not in claim:
        return 1
    visible = scope.visible()
    try:
        value = scope.sandbox.evaluate(claim["amount"], visible)
    except EvaluationError:
        return None
    return value if type(value) is int and value >= 0 else None


def _period(period: str, scope: Scope) -> str:
    return {
        "execution": str(scope.manifest.header["executionId"]),
        "day": scope.logical_time[:10],
        "month": scope.logical_time[:7],
        "ever": "ever",
    }[period]
