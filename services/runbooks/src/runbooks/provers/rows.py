"""What a postcondition looks at: one value of the outputs, and rows in it (spec/provers.md, 6)."""

from __future__ import annotations

__all__ = ["POINTER", "find_list", "find_rows"]

from typing import Any

from runbooks.evidence import Scope, resolve_pointer
from runbooks.provers.prover import Claim

POINTER = {"pointer": {"type": "string", "pattern": "^(/([^~]|~[01])*)?$"}}


def find_list(claim: Claim, scope: Scope) -> list[Any] | None:
    """The list that the claim's pointer leads to, or None."""
    found, value = resolve_pointer(scope.outputs, claim.get("pointer", ""))
    return value if found and isinstance(value, list) else None


def find_rows(claim: Claim, scope: Scope) -> list[dict[str, Any]] | None:
    """The list of objects that the claim's pointer leads to, or None."""
    rows = find_list(claim, scope)
    if rows is None or not all(isinstance(row, dict) for row in rows):
        return None
    return rows
