"""Reviews: what people were asked and said, as a state machine (spec/reviews.md). Pure.

A review is the fold of its signed statements. Who may say what is in `decisions`; here is only which statement may
follow which, and when a quorum is met.
"""

from __future__ import annotations

__all__ = ["DECIDING", "TRANSITIONS", "Review", "ReviewState", "action_subject", "denial_subject", "same_person"]

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from runbooks.canonical import digest_of
from runbooks.errors import IllegalTransitionError
from runbooks.evidence import instant
from runbooks.needs import Requirement


class ReviewState(StrEnum):
    """Where a review stands."""

    OPEN = "open"
    INFO_REQUESTED = "info-requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CLOSED = "closed"


S = ReviewState

# What may be said in a review, and where it may stand then. Everything that is not here is illegal.
TRANSITIONS: dict[ReviewState, dict[str, frozenset[ReviewState]]] = {
    S.OPEN: {
        "approved": frozenset({S.OPEN, S.APPROVED}),
        "info-requested": frozenset({S.INFO_REQUESTED}),
        "break-glass": frozenset({S.APPROVED}),
        "rejected": frozenset({S.REJECTED}),
        "expired": frozenset({S.EXPIRED}),
        "closed": frozenset({S.CLOSED}),
    },
    S.INFO_REQUESTED: {
        "info-given": frozenset({S.OPEN}),
        "break-glass": frozenset({S.APPROVED}),
        "rejected": frozenset({S.REJECTED}),
        "expired": frozenset({S.EXPIRED}),
        "closed": frozenset({S.CLOSED}),
    },
    S.APPROVED: {},
    S.REJECTED: {},
    S.EXPIRED: {},
    S.CLOSED: {},
}

# Decisions that an approver makes with a key of their own.
DECIDING = frozenset({"approved", "rejected", "info-requested", "break-glass"})

Approval = Mapping[str, Any]


@dataclass(frozen=True)
class Review:
    """One review: what it needs, and the approvals (statement, keyid, signature) said in it so far."""

    step_id: str
    requirement: Requirement
    approvals: tuple[Approval, ...]
    state: ReviewState = S.OPEN

    @property
    def review_id(self) -> str:
        """The review's id."""
        return str(self.approvals[0]["statement"]["reviewId"])

    @property
    def version(self) -> int:
        """Number of statements: who decides says which one they saw."""
        return len(self.approvals)

    @property
    def opened_at(self) -> str:
        """When people were asked."""
        return str(self.approvals[0]["statement"]["issuedAt"])

    @property
    def due_at(self) -> str:
        """When the review expires, which denies."""
        return str(self.approvals[0]["statement"]["expiresAt"])

    @property
    def is_open(self) -> bool:
        """True while something can be said."""
        return bool(TRANSITIONS[self.state])

    def is_due(self, now: str) -> bool:
        """True when it is open and its time is over."""
        return self.is_open and instant(now) >= instant(self.due_at)

    def allows(self, statement: Mapping[str, Any]) -> bool:
        """True when that statement may come next."""
        opening = self.approvals[0]["statement"]
        bound = ("manifestId", "contextHash", "stepId", "requirementId", "reviewId", "subject")
        return (
            statement["decision"] in TRANSITIONS[self.state]
            and statement["sequence"] == self.version + 1
            and all(statement[name] == opening[name] for name in bound)
        )

    def take(self, approval: Approval) -> Review:
        """The review after that statement; raises IllegalTransitionError."""
        statement = approval["statement"]
        if not self.allows(statement):
            raise IllegalTransitionError(
                f"{statement['decision']} is not possible: review {self.review_id} {self.state}"
            )
        after = replace(self, approvals=(*self.approvals, approval))
        possible = TRANSITIONS[self.state][statement["decision"]]
        if possible == {S.OPEN, S.APPROVED}:
            return replace(after, state=S.APPROVED if after._is_quorate() else S.OPEN)
        [state] = possible
        return replace(after, state=state)

    def said(self, *decisions: str) -> list[Approval]:
        """The approvals with one of these decisions, in their order."""
        return [item for item in self.approvals if item["statement"]["decision"] in decisions]

    def _is_quorate(self) -> bool:
        at = instant(self.approvals[-1]["statement"]["issuedAt"])
        given = [item for item in self.said("approved") if at < instant(item["statement"]["expiresAt"])]
        people = {_person(item["statement"]["approver"]) for item in given}
        return min(len(people), len({item["keyid"] for item in given})) >= self.requirement.needs.quorum


def denial_subject(
    context_hash: str, step_id: str, phase: str, inputs: Any, proofs: Sequence[Mapping[str, Any]]
) -> str:
    """Digest of the proofs that deny, and of what they are about (spec/reviews.md, 2)."""
    return digest_of(["pcq-denial-v1", context_hash, step_id, phase, digest_of(inputs), list(proofs)])


def action_subject(context_hash: str, step_id: str, inputs: Any) -> str:
    """Digest of what a step is about to do (spec/reviews.md, 2)."""
    return digest_of(["pcq-action-v1", context_hash, step_id, digest_of(inputs)])


def same_person(one: str, other: str) -> bool:
    """True when two names are one person's (spec/reviews.md, 5)."""
    return _person(one) == _person(other)


def _person(name: str) -> str:
    return unicodedata.normalize("NFKC", name).lower().strip()
