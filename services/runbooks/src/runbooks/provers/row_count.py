"""`row_count`: not too few and not too many (spec/provers.md, 7)."""

from __future__ import annotations

__all__ = ["RowCount"]

from typing import Any

from runbooks.evidence import Scope
from runbooks.provers.prover import Claim, Prover, Verdict
from runbooks.provers.rows import POINTER, find_list

_COUNT = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}


class RowCount(Prover):
    """No list is an error: nothing was counted."""

    kind = "row_count"
    phase = "postconditions"
    members = {"minimum": _COUNT, "maximum": _COUNT, **POINTER}
    one_of_required = ("minimum", "maximum")

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """From the length of the list."""
        del answer
        rows = find_list(claim, scope)
        count = len(rows) if rows is not None else None
        evidence = {"pointer": claim.get("pointer", ""), "rows": count}
        if count is None:
            return Verdict("error", "row_count.no_list", evidence)
        if count < claim.get("minimum", 0):
            return Verdict("fail", "row_count.too_few", evidence)
        if count > claim.get("maximum", count):
            return Verdict("fail", "row_count.too_many", evidence)
        return Verdict("pass", "row_count.met", evidence)
