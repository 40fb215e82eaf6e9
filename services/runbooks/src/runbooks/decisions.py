"""Who may say what in a review, and the statement that says it (spec/reviews.md, 3 and 5). Pure.

What is refused here never reaches the ledger as a statement. Whether the policy allows it is asked by the caller,
with the question that is made here.
"""

from __future__ import annotations

__all__ = ["Saying", "decision_question", "make_statement", "require_allowed", "require_expiry", "role_of"]

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runbooks.effects import PolicyQuestion
from runbooks.errors import ReviewConflictError, ReviewError
from runbooks.evidence import instant, is_time
from runbooks.needs import Requirement
from runbooks.reviews import DECIDING, TRANSITIONS, Review, same_person

MAX_REASON = 4_000
MAX_NAME = 256
_INSTALLATION = frozenset({"opened", "expired", "closed"})


@dataclass(frozen=True)
class Saying:
    """What somebody wants to say in a review; `version` is the number of statements that they saw, if they say so."""

    review_id: str
    decision: str
    approver: str
    reason: str
    version: int | None = None
    expires_at: str | None = None


def role_of(decision: str, requirement_id: str) -> str:
    """In which role that is said."""
    if decision in _INSTALLATION:
        return "installation"
    if decision == "info-given":
        return "participant"
    return "ombuds" if requirement_id.startswith("denial/") else "approver"


def make_statement(
    names: Mapping[str, str], requirement: Requirement, said: Saying, *, sequence: int, issued_at: str, nonce: str
) -> dict[str, Any]:
    """The statement; `names` are manifestId, contextHash and stepId."""
    return {
        "pcq": "approval/v1",
        **names,
        "requirementId": requirement.requirement_id,
        "reviewId": said.review_id,
        "sequence": sequence,
        "subject": requirement.subject,
        "decision": said.decision,
        "approver": said.approver,
        "role": role_of(said.decision, requirement.requirement_id),
        "reason": said.reason,
        "issuedAt": issued_at,
        "expiresAt": said.expires_at,
        "nonce": nonce,
    }


def require_allowed(review: Review, said: Saying, *, requester: str, now: str) -> None:
    """Raise ReviewError, or ReviewConflictError for a review that is not as the decider saw it."""
    _require_words(said.approver, said.reason)
    if said.version is not None and said.version != review.version:
        raise _conflict(review, said.reason, f"it has {review.version} statements, you saw {said.version}")
    if said.decision not in TRANSITIONS[review.state]:
        possible = ", ".join(TRANSITIONS[review.state]) or "nothing"
        raise _conflict(review, said.reason, f"in it can be said: {possible}", code="review.not_now")
    if said.decision in _INSTALLATION:
        raise ReviewError(f"only the installation says {said.decision}", code="review.not_allowed")
    if review.is_due(now):
        raise ReviewError(f"review {review.review_id} was due at {review.due_at}", code="review.expired")
    if said.decision in DECIDING:
        _require_decider(review, said.decision, said.approver, requester)


def require_expiry(review: Review, expires_at: str, now: str) -> None:
    """Raise ReviewError when an approval cannot last until then (spec/reviews.md, 3)."""
    if not is_time(expires_at) or not instant(now) < instant(expires_at) <= instant(review.due_at):
        message = f"expires at {expires_at}: expected a time such as {review.due_at}, after now and not after that"
        raise ReviewError(f"review {review.review_id}: {message}", code="review.expiry")


def decision_question(
    review: Review, said: Saying, *, now: str, requester: str, context: Mapping[str, Any]
) -> PolicyQuestion:
    """What the policy is asked: may this person say this here? (spec/reviews.md, 5.4)"""
    needs = review.requirement.needs
    properties = {
        "requirement": review.requirement.requirement_id.partition("/")[0],
        "risk": needs.risk,
        "requester": requester,
        "assignedTo": list(needs.assigned_to),
        "groups": list(needs.groups),
    }
    document = {
        "subject": {"type": "person", "id": said.approver},
        "action": {"name": said.decision},
        "resource": {"type": "review", "properties": properties},
        "context": {
            "now": now,
            "purpose": context["purpose"],
            "runbook": context["runbookId"],
            "version": context["version"],
            "step": review.step_id,
        },
    }
    return PolicyQuestion("data.runbooks.reviews.allow", document)


def _require_words(approver: str, reason: str) -> None:
    if not 1 <= len(approver) <= MAX_NAME:
        raise ReviewError(f"who decides must be named in 1 to {MAX_NAME} characters", code="review.approver")
    if len(reason) > MAX_REASON or not any(unicodedata.category(letter)[0] in "LN" for letter in reason):
        message = f"a decision needs a reason in words, at most {MAX_REASON} characters; say why"
        raise ReviewError(message, code="review.reason_missing")


def _require_decider(review: Review, decision: str, approver: str, requester: str) -> None:
    needs = review.requirement.needs
    if same_person(approver, requester):
        message = f"{approver} asked for this execution, and who asks does not decide; ask somebody else"
        raise ReviewError(f"review {review.review_id}: {message}", code="review.requester")
    if any(same_person(approver, name) for name in needs.exclude):
        raise ReviewError(f"review {review.review_id}: {approver} is excluded from it", code="review.excluded")
    if decision == "break-glass":
        return
    if needs.assigned_to and not any(same_person(approver, name) for name in needs.assigned_to):
        message = f"{approver} is not among those it is assigned to: {', '.join(needs.assigned_to)}"
        raise ReviewError(f"review {review.review_id}: {message}", code="review.not_assigned")
    given = review.said("approved") if decision == "approved" else []
    if any(same_person(approver, item["statement"]["approver"]) for item in given):
        raise ReviewError(f"review {review.review_id}: {approver} approved it already", code="review.twice")


def _conflict(review: Review, reason: str, why: str, *, code: str | None = None) -> ReviewConflictError:
    message = f"review {review.review_id} is {review.state} at version {review.version}: {why}; look at it again"
    return ReviewConflictError(message, state=review.state, version=review.version, reason=reason, code=code)
