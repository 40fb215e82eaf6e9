"""`freshness`: the oldest row is not older than allowed (spec/provers.md, 9)."""

from __future__ import annotations

__all__ = ["Freshness"]

from datetime import datetime, timedelta
from typing import Any

from runbooks.evidence import Scope, instant, is_time
from runbooks.provers.prover import Claim, Prover, Verdict
from runbooks.provers.rows import POINTER, find_rows


class Freshness(Prover):
    """Measured at logicalTime; a missing or future time is an error, not an old one."""

    kind = "freshness"
    phase = "postconditions"
    members = {
        "field": {"type": "string", "minLength": 1},
        "maximumAgeSeconds": {"type": "integer", "minimum": 0, "maximum": 2**53 - 1},
        **POINTER,
    }
    required = ("field", "maximumAgeSeconds")

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """From the times in the rows."""
        del answer
        rows = find_rows(claim, scope)
        count = None if rows is None else len(rows)
        evidence: dict[str, Any] = {"pointer": claim.get("pointer", ""), "rows": count, "oldest": None}
        evidence["now"] = scope.logical_time
        if not rows:
            return Verdict("error", "freshness.no_rows" if rows is None else "freshness.empty", evidence)
        times: list[Any] = [row.get(claim["field"]) for row in rows]
        if not all(is_time(time) for time in times):
            return Verdict("error", "freshness.not_a_time", evidence)
        evidence["oldest"] = min(times, key=instant)
        return _verdict(claim, [instant(time) for time in times], instant(scope.logical_time), evidence)


def _verdict(claim: Claim, times: list[datetime], now: datetime, evidence: dict[str, Any]) -> Verdict:
    if max(times) > now:
        return Verdict("error", "freshness.future", evidence)
    # In microseconds, for a claim may allow more seconds than a timedelta holds.
    if (now - min(times)) // timedelta(microseconds=1) <= claim["maximumAgeSeconds"] * 1_000_000:
        return Verdict("pass", "freshness.met", evidence)
    return Verdict("fail", "freshness.stale", evidence)
