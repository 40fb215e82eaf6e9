"""`freshness`: the oldest row is not too old (spec/provers.md, 9)."""

from __future__ import annotations

__all__ = ["judge_freshness"]

from collections.abc import Mapping
from typing import Any

from pcq_verify.encoding import instant
from pcq_verify.provers.judgement import Judgement, Scope
from pcq_verify.provers.rows import pointer_of, rows_at


def judge_freshness(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the step's own outputs and the logical time."""
    del recorded
    rows = rows_at(claim, scope)
    spelled = [row.get(claim["field"]) for row in rows or ()]
    instants = [at for at in map(instant, spelled) if at is not None]
    are_times = bool(spelled) and len(instants) == len(spelled)
    result, reason = _verdict(claim, rows, instants if are_times else None, instant(scope.logical_time) or 0)
    evidence = {
        "pointer": pointer_of(claim),
        "rows": None if rows is None else len(rows),
        # `index` finds the first of equal instants.
        "oldest": spelled[instants.index(min(instants))] if are_times else None,
        "now": scope.logical_time,
    }
    return Judgement(result, reason, evidence)


def _verdict(claim: Mapping[str, Any], rows: list[Any] | None, instants: list[int] | None, now: int) -> tuple[str, str]:
    if rows is None:
        return "error", "freshness.no_rows"
    if not rows:
        return "error", "freshness.empty"
    if instants is None:
        return "error", "freshness.not_a_time"
    if max(instants) > now:
        return "error", "freshness.future"
    if now - min(instants) <= claim["maximumAgeSeconds"] * 1_000_000:
        return "pass", "freshness.met"
    return "fail", "freshness.stale"
