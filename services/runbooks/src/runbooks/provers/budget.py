"""`budget`: what is reserved stays within a limit, over all executions of the installation (spec/provers.md, 13)."""

from __future__ import annotations

__all__ = ["Budget"]

from collections.abc import Mapping
from typing import Any

from runbooks.effects import Reservation
from runbooks.errors import ExpressionError
from runbooks.evidence import Scope
from runbooks.expressions import evaluate, parse_expression
from runbooks.provers.prover import Claim, Prover, Verdict


class Budget(Prover):
    """What was reserved before, the ledger says; it reserves in the same transaction."""

    kind = "budget"
    phase = "preconditions"
    members = {
        "counter": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:/@\\[\\]>=<-]{0,127}$"},
        "limit": {"type": "integer", "minimum": 0, "maximum": 2**53 - 1},
        "amount": {"type": "string", "minLength": 1},
        "period": {"enum": ["execution", "day", "month", "ever"]},
    }
    required = ("counter", "limit")
    expressions = {"amount": parse_expression}

    def reservation(self, claim: Claim, scope: Scope) -> Reservation | None:
        """What to reserve; None when the amount is none."""
        amount = _amount(claim, scope)
        return None if amount is None else Reservation(claim["counter"], _period(claim, scope), amount, claim["limit"])

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """`answer` is the ledger's: {"before": what was reserved}."""
        amount = _amount(claim, scope)
        before = _natural(answer.get("before")) if isinstance(answer, Mapping) else None
        evidence = {
            "counter": claim["counter"],
            "period": _period(claim, scope),
            "before": before,
            "amount": amount,
            "limit": claim["limit"],
        }
        if amount is None:
            return Verdict("error", "budget.amount", evidence)
        if before is None:
            return Verdict("error", "budget.unknown", evidence)
        if before + amount <= claim["limit"]:
            return Verdict("pass", "budget.reserved", evidence)
        return Verdict("fail", "budget.exceeded", evidence)


def _amount(claim: Claim, scope: Scope) -> int | None:
    if "amount" not in claim:
        return 1
    visible = {"parameters": dict(scope.parameters), "steps": dict(scope.ancestors)}
    try:
        value = evaluate(claim["amount"], visible)
    except ExpressionError:
        return None
    return _natural(value)


def _natural(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _period(claim: Claim, scope: Scope) -> str:
    match claim.get("period", "ever"):
        case "execution":
            return scope.execution_id
        case "day":
            return scope.logical_time[:10]
        case "month":
            return scope.logical_time[:7]
        case _:
            return "ever"
