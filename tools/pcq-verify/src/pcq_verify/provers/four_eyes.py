"""`four_eyes`: other people approved just this action (spec/provers.md, 15)."""

from __future__ import annotations

__all__ = ["judge_four_eyes"]

from collections.abc import Mapping
from typing import Any

from pcq_verify.lifts import action_subject
from pcq_verify.provers.judgement import Judgement, Scope
from pcq_verify.reviews import State
from pcq_verify.values import UnavailableError

_ENDED = ("approved", "rejected", "expired", "closed", "break-glass")
_VERDICTS = {
    State.REJECTED: ("fail", "four_eyes.rejected"),
    State.EXPIRED: ("fail", "four_eyes.expired"),
    State.APPROVED: ("pass", "four_eyes.approved"),
}


def judge_four_eyes(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the review of this step, prover and action that was opened last."""
    del recorded
    subject = action_subject(scope.manifest, scope.step, scope.values)
    review = scope.reviews.last(scope.step.step_id, f"four_eyes/{scope.prover}", subject)
    if review is not None and review.state is State.UNKNOWN:
        raise UnavailableError("what its review needs is not known")
    said = review.said(*_ENDED) if review else []
    evidence = {
        "subject": subject,
        "quorum": claim.get("quorum", 1),
        "approvals": [{"approver": item.approver, "decision": item.decision, "approval": item.digest} for item in said],
    }
    result, reason = _VERDICTS.get(review.state if review else State.NONE, ("fail", "four_eyes.not_approved"))
    if review is not None and review.is_broken_glass:
        reason = "four_eyes.break_glass"
    return Judgement(result, reason, evidence)
