"""The value of a step's outputs that a postcondition looks at, and its rows (spec/provers.md, 6)."""

from __future__ import annotations

__all__ = ["pointer_of", "rows_at", "value_at"]

from collections.abc import Mapping
from typing import Any

from pcq_verify.pointers import follow
from pcq_verify.provers.judgement import Scope


def pointer_of(claim: Mapping[str, Any]) -> str:
    """The claim's pointer, or the one to the whole."""
    pointer: str = claim.get("pointer", "")
    return pointer


def value_at(claim: Mapping[str, Any], scope: Scope) -> Any:
    """The value, or `NOTHING`; raises UnavailableError."""
    return follow(scope.outputs, pointer_of(claim))


def rows_at(claim: Mapping[str, Any], scope: Scope) -> list[dict[str, Any]] | None:
    """The list of objects, or None when it is not that; raises UnavailableError."""
    value = value_at(claim, scope)
    return value if type(value) is list and all(type(row) is dict for row in value) else None
