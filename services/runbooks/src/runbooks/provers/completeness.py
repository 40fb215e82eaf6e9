"""`completeness`: how many of the required cells are filled (spec/provers.md, 8)."""

from __future__ import annotations

__all__ = ["Completeness"]

from typing import Any

from runbooks.evidence import Scope
from runbooks.provers.prover import Claim, Prover, Verdict
from runbooks.provers.rows import POINTER, find_rows


class Completeness(Prover):
    """A cell is filled when its member is there and neither null nor empty text."""

    kind = "completeness"
    phase = "postconditions"
    members = {
        "fields": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}},
        "minimum": {"type": "number", "minimum": 0, "maximum": 1},
        **POINTER,
    }
    required = ("fields", "minimum")

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """From the rows; no cells is an error, for a share of nothing is no number."""
        del answer
        rows = find_rows(claim, scope)
        evidence: dict[str, Any] = {"pointer": claim.get("pointer", ""), "rows": None, "filled": None, "cells": None}
        evidence["value"] = None
        if rows is None:
            return Verdict("error", "completeness.no_rows", evidence)
        filled = sum(row.get(name) not in (None, "") for row in rows for name in claim["fields"])
        cells = len(rows) * len(claim["fields"])
        evidence.update(rows=len(rows), filled=filled, cells=cells)
        if not cells:
            return Verdict("error", "completeness.no_cells", evidence)
        evidence["value"] = filled / cells
        if filled / cells >= claim["minimum"]:
            return Verdict("pass", "completeness.met", evidence)
        return Verdict("fail", "completeness.not_met", evidence)
