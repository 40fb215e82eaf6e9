"""What a human decision needs: how many, who, until when (spec/reviews.md, 1). The shapes and the defaults."""

from __future__ import annotations

__all__ = ["APPROVAL", "FOUR_EYES", "REVIEW", "Needs", "person", "read_needs"]

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pcq_verify.shapes import Checker, distinct, integer, one_of, text


def _name(value: Any) -> None:
    text(value, least=1, most=256)


_people = distinct(_name)
_COMMON: dict[str, Checker] = {
    "quorum": integer(1, 100),
    "dueSeconds": integer(1, 31_536_000),
    "risk": one_of("low", "medium", "high", "critical"),
}

REVIEW: dict[str, Checker] = {**_COMMON, "assignedTo": _people}
FOUR_EYES: dict[str, Checker] = {**REVIEW, "exclude": _people, "groups": _people}
APPROVAL: dict[str, Checker] = {**_COMMON, "assignees": _people}


@dataclass(frozen=True)
class Needs:
    """The needs of one requirement, defaults filled in."""

    due_seconds: int
    quorum: int
    risk: str
    assigned_to: tuple[str, ...]
    exclude: tuple[str, ...]
    groups: tuple[str, ...]


def read_needs(members: Mapping[str, Any], *, due_seconds: int) -> Needs:
    """The needs that a claim, a step or a `review` states, in shapes that were checked; `due_seconds` by default."""
    return Needs(
        due_seconds=members.get("dueSeconds", due_seconds),
        quorum=members.get("quorum", 1),
        risk=members.get("risk", "medium"),
        assigned_to=tuple(members.get("assignedTo", ())),
        exclude=tuple(members.get("exclude", ())),
        groups=tuple(members.get("groups", ())),
    )


def person(name: str) -> str:
    """The form in which two names of one person are equal (spec/reviews.md, 5)."""
    return unicodedata.normalize("NFKC", name).lower().strip()
