"""`metric`: two JSONata expressions over one recorded row, and a comparison of doubles (spec/provers.md, 4)."""

from __future__ import annotations

__all__ = ["judge_metric"]

import operator
from collections.abc import Callable, Mapping
from typing import Any

from pcq_verify.encoding import digest
from pcq_verify.expressions import ExpressionError, split_comparison
from pcq_verify.provers.judgement import Judgement, Scope
from pcq_verify.sandbox import EvaluationError, NotFiniteError

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


def judge_metric(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the recorded row; anything but two finite numbers is an error."""
    rows, row = recorded.get("rows"), recorded.get("row")
    measured = type(row) is dict and type(rows) is int and rows == 1
    evidence = {
        "query": digest(claim["query"].encode("utf-8")),
        "row": row if measured else None,
        "rows": rows if type(rows) is int and rows >= 0 else 0,
        "value": None,
    }
    if not measured:
        return Judgement("error", "metric.no_row", evidence)
    result, reason, evidence["value"] = _compare(claim["assertion"], row, scope)
    return Judgement(result, reason, evidence)


def _compare(assertion: str, row: Any, scope: Scope) -> tuple[str, str, int | float | None]:
    """Result, reason, and the left value when it is a finite number."""
    try:
        left_text, comparison, right_text = split_comparison(assertion)
    except ExpressionError:
        return "error", "metric.expression_error", None
    failed, sides = False, []
    for text in (left_text, right_text):
        try:
            sides.append(_number(scope.sandbox.evaluate(text, row)))
        except NotFiniteError:
            sides.append(None)
        except EvaluationError:
            sides.append(None)
            failed = True
    left, right = sides
    if failed:
        return "error", "metric.expression_error", left
    if left is None or right is None:
        return "error", "metric.not_finite", left
    if _OPERATORS[comparison](float(left), float(right)):
        return "pass", "metric.met", left
    return "fail", "metric.not_met", left


def _number(value: Any) -> int | float | None:
    # What the sandbox returns has been read as I-JSON, so a number is finite.
    return value if type(value) in (int, float) else None
