"""An execution as the API shows it."""

from __future__ import annotations

__all__ = ["execution_status"]

from collections.abc import Mapping
from typing import Any

from runbooks.api.actions import execution_actions
from runbooks.execution import Execution
from runbooks.manifest import blocking_proof


def execution_status(execution: Execution, ahead: int | None = None) -> dict[str, Any]:
    """Outcome, what blocks it, what can be done, which reviews are open, and where each step stands.

    `ahead` says how many are to go on before it, where it waits for its turn.
    """
    started, blocked = execution.started, blocking_proof(execution)
    return {
        "executionId": started.execution_id if started else "",
        "runbookId": started.context["runbookId"] if started else "",
        "executedBy": started.executed_by if started else "",
        "outcome": execution.outcome,
        "queue": None if ahead is None else {"ahead": ahead},
        "merkleRoot": execution.ended.header["merkleRoot"] if execution.ended else None,
        "blockedBy": {"stepId": blocked[0], **_named(blocked[1])} if blocked else None,
        "actions": execution_actions(execution),
        "openReviews": [review.review_id for review in execution.open_reviews()],
        "steps": [
            {
                "stepId": step.step_id,
                "state": execution.steps[step.step_id].state.value,
                "outcome": execution.steps[step.step_id].outcome,
            }
            for step in execution.plan.steps
        ],
    }


def _named(proof: Mapping[str, Any]) -> dict[str, Any]:
    return {name: proof[name] for name in ("prover", "result", "reason")}
