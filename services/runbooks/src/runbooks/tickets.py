"""A review as a person sees it: what failed, where and why, who is asked, until when. Pure."""

from __future__ import annotations

__all__ = ["ticket"]

from typing import Any

from runbooks.execution import Execution
from runbooks.provers import denies
from runbooks.reviews import Review


def ticket(execution: Execution, review: Review, *, with_values: bool = True) -> dict[str, Any]:
    """The review's members as JSON; `version` is what a decider says they saw.

    Without `with_values`, the evidence of proofs and what an approval step shows are left out.
    """
    started = execution.started
    needs = review.requirement.needs
    proofs = _failed(execution, review)
    run = execution.steps[review.step_id]
    told = ("prover", "result", "reason", *(["evidence"] if with_values else []))
    return {
        "reviewId": review.review_id,
        "executionId": started.execution_id if started else "",
        "runbookId": started.context["runbookId"] if started else "",
        "requester": started.executed_by if started else "",
        "requirement": review.requirement.requirement_id,
        "failedStep": review.step_id,
        "failedProver": proofs[0]["prover"] if proofs else None,
        "reason": review.approvals[0]["statement"]["reason"],
        "evidence": [{name: proof[name] for name in told} for proof in proofs],
        "shown": run.inputs if with_values and review.requirement.requirement_id == "approval" else None,
        "quorum": needs.quorum,
        "assignedTo": list(needs.assigned_to),
        "risk": needs.risk,
        "openedAt": review.opened_at,
        "dueAt": review.due_at,
        "state": review.state.value,
        "version": review.version,
        "statements": [
            {name: item["statement"][name] for name in ("decision", "approver", "reason", "issuedAt", "expiresAt")}
            for item in review.approvals
        ],
    }


def _failed(execution: Execution, review: Review) -> list[dict[str, Any]]:
    phase = review.requirement.requirement_id.partition("/")[2]
    run = execution.steps[review.step_id]
    proofs = {"preconditions": run.preconditions, "postconditions": run.postconditions}.get(phase, [])
    return [proof for proof in proofs if denies(proof)]
