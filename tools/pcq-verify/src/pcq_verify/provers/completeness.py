"""`completeness`: how many of the cells that matter are filled (spec/provers.md, 8)."""

from __future__ import annotations

__all__ = ["judge_completeness"]

from collections.abc import Mapping
from typing import Any

from pcq_verify.provers.judgement import Judgement, Scope
from pcq_verify.provers.rows import pointer_of, rows_at


def judge_completeness(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the step's own outputs; the quotient of two integers is rounded once."""
    del recorded
    rows = rows_at(claim, scope)
    if rows is None:
        return Judgement("error", "completeness.no_rows", _evidence(claim, None, None, None))
    fields = set(claim["fields"])
    filled = sum(name in fields and item not in (None, "") for row in rows for name, item in row.items())
    evidence = _evidence(claim, len(rows), filled, len(rows) * len(fields))
    if not rows:
        return Judgement("error", "completeness.no_cells", evidence)
    if evidence["value"] >= float(claim["minimum"]):
        return Judgement("pass", "completeness.met", evidence)
    return Judgement("fail", "completeness.not_met", evidence)


def _evidence(claim: Mapping[str, Any], rows: int | None, filled: int | None, cells: int | None) -> dict[str, Any]:
    value = filled / cells if filled is not None and cells else None
    return {"pointer": pointer_of(claim), "rows": rows, "filled": filled, "cells": cells, "value": value}
