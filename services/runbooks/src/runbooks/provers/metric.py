"""`metric`: a KPI measured by one row of a query and compared with a number (spec/provers.md, 4)."""

from __future__ import annotations

__all__ = ["Metric"]

import math
import operator
from collections.abc import Callable
from typing import Any

from runbooks.canonical import digest
from runbooks.errors import ExpressionError
from runbooks.evidence import Scope
from runbooks.expressions import evaluate, split_comparison
from runbooks.provers.prover import Claim, Prover, Verdict

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


class Metric(Prover):
    """Anything but two finite numbers is an error: an unmeasured KPI is not met."""

    kind = "metric"
    phase = "postconditions"
    members = {"query": {"type": "string", "minLength": 1}, "assertion": {"type": "string", "minLength": 1}}
    required = ("query", "assertion")
    expressions = {"assertion": split_comparison}
    is_measure = True

    def metric(self, claim: Claim) -> str | None:
        """The query."""
        query: str = claim["query"]
        return query

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """`answer` is the list of rows, each an object; anything else is no row."""
        del scope
        rows = answer if isinstance(answer, list) else []
        row = rows[0] if len(rows) == 1 and isinstance(rows[0], dict) else None
        evidence = {"query": digest(claim["query"].encode()), "row": row, "rows": len(rows), "value": None}
        if row is None:
            return Verdict("error", "metric.no_row", evidence)
        try:
            left_text, comparison, right_text = split_comparison(claim["assertion"])
        except ExpressionError:
            return Verdict("error", "metric.expression_error", evidence)
        left, is_left_failing = _side(left_text, row)
        right, is_right_failing = _side(right_text, row)
        evidence["value"] = left
        if is_left_failing or is_right_failing:
            return Verdict("error", "metric.expression_error", evidence)
        if left is None or right is None:
            return Verdict("error", "metric.not_finite", evidence)
        if _OPERATORS[comparison](float(left), float(right)):
            return Verdict("pass", "metric.met", evidence)
        return Verdict("fail", "metric.not_met", evidence)


def _side(text: str, row: dict[str, Any]) -> tuple[Any, bool]:
    """The side's value if it is a finite number, else None; and whether its expression failed."""
    try:
        value = evaluate(text, row)
    except ExpressionError as error:
        # A quotient by zero evaluates to a number that is not finite; the evaluator refuses it.
        return None, error.code != "expression.not_finite"
    return (value if _is_finite(value) else None), False


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
