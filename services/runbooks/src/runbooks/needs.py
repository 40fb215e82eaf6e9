"""What a human decision needs: how many people, who, until when (spec/reviews.md, 1)."""

from __future__ import annotations

__all__ = ["NAMES", "PEOPLE", "Needs", "Requirement", "read_needs"]

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NAMES = {"type": "array", "uniqueItems": True, "items": {"type": "string", "minLength": 1, "maxLength": 256}}

# JSON Schema of the members that a claim, a step and a definition have in common.
PEOPLE: dict[str, Any] = {
    "quorum": {"type": "integer", "minimum": 1, "maximum": 100},
    "dueSeconds": {"type": "integer", "minimum": 1, "maximum": 31_536_000},
    "risk": {"enum": ["low", "medium", "high", "critical"]},
}

_MEMBERS = {
    "quorum": "quorum",
    "assignedTo": "assigned_to",
    "assignees": "assigned_to",
    "exclude": "exclude",
    "groups": "groups",
    "dueSeconds": "due_seconds",
    "risk": "risk",
}


@dataclass(frozen=True)
class Needs:
    """How people decide: how many, who, who not, of which groups, within how many seconds, and how risky it is."""

    quorum: int = 1
    assigned_to: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    due_seconds: int = 86_400
    risk: str = "medium"


@dataclass(frozen=True)
class Requirement:
    """What people are asked for; `subject` is the digest of what a decision allows (spec/reviews.md, 2)."""

    requirement_id: str
    subject: str
    needs: Needs


def read_needs(members: Mapping[str, Any], **defaults: Any) -> Needs:
    """The needs that a claim or a step states, or a `review` member; `defaults` for what it does not."""
    stated = {attribute: members[name] for name, attribute in _MEMBERS.items() if name in members}
    found = {name: tuple(value) if isinstance(value, list) else value for name, value in stated.items()}
    return Needs(**{**defaults, **found})
