"""Reviews put together from their statements, and the state that each of them reached (spec/reviews.md, 4).

A review is in its last state whatever else is wrong with it; who may say what, and when, is `review_check`'s.
"""

from __future__ import annotations

__all__ = ["Review", "Reviews", "State", "read_reviews"]

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pcq_verify.approvals import Approval
from pcq_verify.encoding import digest_of
from pcq_verify.manifest import Manifest
from pcq_verify.materials import Documents
from pcq_verify.needs import Needs, person
from pcq_verify.report import Fault
from pcq_verify.requirements import RequirementError, needs_of
from pcq_verify.values import UnavailableError


class State(StrEnum):
    """Where a review stands. `unknown`: nobody knows what it needs; `broken`: a statement came that may not come."""

    NONE = "none"
    OPEN = "open"
    INFO_REQUESTED = "info-requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CLOSED = "closed"
    UNKNOWN = "unknown"
    BROKEN = "broken"


_WAITING = (State.OPEN, State.INFO_REQUESTED)
_ENDINGS = {
    "break-glass": State.APPROVED,
    "rejected": State.REJECTED,
    "expired": State.EXPIRED,
    "closed": State.CLOSED,
}
_NEXT: dict[tuple[State, str], State] = {
    (State.NONE, "opened"): State.OPEN,
    (State.OPEN, "approved"): State.OPEN,
    (State.OPEN, "info-requested"): State.INFO_REQUESTED,
    (State.INFO_REQUESTED, "info-given"): State.OPEN,
    **{(state, decision): end for state in _WAITING for decision, end in _ENDINGS.items()},
}


@dataclass(frozen=True)
class Review:
    """All statements of one `reviewId`, in the order of the file; step, requirement and subject are the first one's.

    `problem` says why `needs` is not known, and whether that is the review's fault; `refused` is the statement that
    may not come where it stands.
    """

    statements: tuple[Approval, ...]
    needs: Needs | None
    problem: tuple[Fault, str] | None
    state: State
    refused: Approval | None

    @property
    def review_id(self) -> str:
        """Its identifier."""
        review_id: str = self.statements[0].statement["reviewId"]
        return review_id

    @property
    def step_id(self) -> str:
        """The step that waits."""
        step_id: str = self.statements[0].statement["stepId"]
        return step_id

    @property
    def requirement(self) -> str:
        """`denial/<phase>`, `four_eyes/<prover>` or `approval`."""
        requirement: str = self.statements[0].statement["requirementId"]
        return requirement

    @property
    def kind(self) -> str:
        """`denial`, `four_eyes` or `approval`."""
        return self.requirement.partition("/")[0]

    @property
    def subject(self) -> str:
        """What is decided about, as a digest."""
        subject: str = self.statements[0].statement["subject"]
        return subject

    @property
    def is_waiting(self) -> bool:
        """True when nobody has ended it."""
        return self.state in (State.NONE, *_WAITING)

    @property
    def is_broken_glass(self) -> bool:
        """True when it was approved by `break-glass`."""
        return self.state is State.APPROVED and self.statements[-1].decision == "break-glass"

    def said(self, *decisions: str) -> list[Approval]:
        """Its statements with these decisions, in order."""
        return [approval for approval in self.statements if approval.decision in decisions]


class Reviews:
    """The reviews of a manifest, in the order in which they were opened."""

    def __init__(self, reviews: Iterable[Review], context_hash: str) -> None:
        self.all = tuple(reviews)
        self._context_hash = context_hash
        self._by_place: dict[tuple[str, str], list[Review]] = {}
        for review in self.all:
            self._by_place.setdefault((review.step_id, review.requirement), []).append(review)

    def of(self, step_id: str, requirement: str) -> Sequence[Review]:
        """Those of one requirement of one step."""
        return self._by_place.get((step_id, requirement), ())

    def last(self, step_id: str, requirement: str, subject: str) -> Review | None:
        """The one with this subject that was opened last, or None."""
        return next((review for review in reversed(self.of(step_id, requirement)) if review.subject == subject), None)

    def action_subject(self, step_id: str, inputs: Any) -> str:
        """The subject of `four_eyes` and `approval` reviews (spec/reviews.md, 2)."""
        return digest_of(["pcq-action-v1", self._context_hash, step_id, digest_of(inputs)])

    def denial_subject(self, step_id: str, phase: str, inputs: Any, denials: Sequence[Any]) -> str:
        """The subject of `denial/<phase>` reviews; `denials` are the proofs of that phase that deny, whole."""
        return digest_of(["pcq-denial-v1", self._context_hash, step_id, phase, digest_of(inputs), list(denials)])


def read_reviews(manifest: Manifest, documents: Documents) -> Reviews:
    """The reviews that the statements of a manifest make, each as far as it came."""
    grouped: dict[str, list[Approval]] = {}
    for approval in manifest.approvals:
        grouped.setdefault(approval.statement["reviewId"], []).append(approval)
    reviews = (_read(tuple(statements), documents) for statements in grouped.values())
    return Reviews(reviews, manifest.header["contextHash"])


def _read(statements: tuple[Approval, ...], documents: Documents) -> Review:
    first, needs, problem = statements[0].statement, None, None
    try:
        needs = needs_of(first["stepId"], first["requirementId"], documents)
    except RequirementError as error:
        problem = (Fault.INVALID, str(error))
    except UnavailableError as error:
        problem = (Fault.INCOMPLETE, f"what it needs is not known: {error}")
    state, refused = _follow(statements, needs.quorum if needs else None)
    return Review(statements, needs, problem, state, refused)


def _follow(statements: tuple[Approval, ...], quorum: int | None) -> tuple[State, Approval | None]:
    state = State.NONE
    in_force: list[Approval] = []
    for approval in statements:
        following = _NEXT.get((state, approval.decision))
        if following is None:
            return State.BROKEN, approval
        state = following
        if approval.decision == "approved":
            if quorum is None:
                return State.UNKNOWN, None
            in_force = _in_force(in_force, approval)
            state = State.APPROVED if len(in_force) >= quorum else State.OPEN
    return state, None


def _in_force(before: list[Approval], newest: Approval) -> list[Approval]:
    """The approvals that count when `newest` comes: of distinct persons and keys. Never longer than a quorum."""
    kept = [approval for approval in (*before, newest) if (approval.expires or 0) > newest.issued]
    counted: list[Approval] = []
    for approval in kept:
        same = any(
            approval.keyid == other.keyid or person(approval.approver) == person(other.approver) for other in counted
        )
        if not same:
            counted.append(approval)
    return counted
