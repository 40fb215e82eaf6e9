"""`four_eyes`: nobody does this alone; the verdict follows from how the review ended (spec/provers.md, 15)."""

from __future__ import annotations

__all__ = ["judge_four_eyes"]

from collections.abc import Mapping
from typing import Any

from pcq_verify.provers.judgement import Judgement, Scope
from pcq_verify.reviews import Review, State
from pcq_verify.values import UnavailableError

_TOLD = ("approved", "rejected", "expired", "closed", "break-glass")


def judge_four_eyes(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the claim and the review of this step's action that was opened last."""
    del recorded
    step_id = scope.step.step_id
    subject = scope.reviews.action_subject(step_id, scope.values.of(step_id, "inputs"))
    review = scope.reviews.last(step_id, f"four_eyes/{scope.prover}", subject)
    told = review.said(*_TOLD) if review else []
    evidence = {
        "subject": subject,
        "quorum": claim.get("quorum", 1),
        "approvals": [{"approver": item.approver, "decision": item.decision, "approval": item.digest} for item in told],
    }
    result, reason = _verdict(review)
    return Judgement(result, reason, evidence)


def _verdict(review: Review | None) -> tuple[str, str]:
    state = review.state if review else State.NONE
    if review is None or state is State.CLOSED:
        return "fail", "four_eyes.not_approved"
    if state is State.APPROVED:
        return "pass", "four_eyes.break_glass" if review.is_broken_glass else "four_eyes.approved"
    if state in (State.REJECTED, State.EXPIRED):
        return "fail", f"four_eyes.{state}"
    # Check `approvals` has refused every other state, unless a document is missing.
    raise UnavailableError(f"review {review.review_id} has no known end")
