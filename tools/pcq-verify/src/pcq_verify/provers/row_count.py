"""`row_count`: not too few rows, not too many (spec/provers.md, 7)."""

from __future__ import annotations

__all__ = ["judge_row_count"]

from collections.abc import Mapping
from typing import Any

from pcq_verify.provers.judgement import Judgement, Scope
from pcq_verify.provers.rows import pointer_of, value_at


def judge_row_count(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the step's own outputs; the list may be of anything."""
    del recorded
    value = value_at(claim, scope)
    if type(value) is not list:
        return Judgement("error", "row_count.no_list", {"pointer": pointer_of(claim), "rows": None})
    result, reason = _verdict(claim, len(value))
    return Judgement(result, reason, {"pointer": pointer_of(claim), "rows": len(value)})


def _verdict(claim: Mapping[str, Any], rows: int) -> tuple[str, str]:
    if rows < claim.get("minimum", 0):
        return "fail", "row_count.too_few"
    if rows > claim.get("maximum", rows):
        return "fail", "row_count.too_many"
    return "pass", "row_count.met"
