"""The facts around a step, for judging a claim by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runbooks.evidence import Scope
from runbooks.provers import prove_named

NOW = "2026-03-01T12:00:00Z"  # a Sunday

_FACTS: dict[str, Any] = {
    "executed_by": "ann",
    "logical_time": NOW,
    "purpose": None,
    "runbook_id": "R1",
    "version": "2.0",
    "step_id": "update",
    "execution_id": "R1-0007-abcdef",
    "policies_digest": "sha256:policies",
    "licences_digest": "sha256:licences",
    "licences": {"licences": []},
}


def scope(**members: Any) -> Scope:
    """Those facts, changed by `members`."""
    return Scope(**{**_FACTS, **members})


def judge(
    claim: Mapping[str, Any],
    phase: str = "postconditions",
    answers: Mapping[str, Any] | None = None,
    also: Mapping[str, Any] | None = None,
    **members: Any,
) -> dict[str, Any]:
    """The proof of a claim under the name `p`; `answers` has what the world said of it and of others by their names.

    `also` has further claims, for combinations.
    """
    found = {**(also or {}), "p": claim}
    return prove_named("p", phase, found.get, scope(**members), answers or {})
